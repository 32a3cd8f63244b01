"""The browser's side of the CORS protocol: what it sends, what it makes of the answers, and what would change them."""
