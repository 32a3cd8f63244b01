"""The configuration: as a value, as the attributes of a middleware, and what is wrong with it."""
