"""Facts of the Fetch, HTML and URL standards and of the RFCs, each in one place."""
