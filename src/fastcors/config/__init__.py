"""The configuration as an immutable value and as the attributes of a middleware, and its checks."""
