"""fastcors among other people's software: real servers, frameworks, instrumentation and a browser. `make interop`."""
