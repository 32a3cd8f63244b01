"""The configuration: as an immutable value, as the attributes of a middleware, and the checks of it."""
