"""The browser's side of CORS: the requests that it sends, its checks of the answers, and changes that would help."""
