"""What is wrong with a configuration, one module for each family of parameters."""
