"""Mistakes that type checkers report, each at its line and nowhere else: see test_typing.py."""

# pyright: strict

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware

from fastcors import CORSConfig, CORSMiddleware, add_cors, install

api, site = FastAPI(), Starlette()
cors = CORSMiddleware(api)

api.add_middleware(CORSMiddleware, allow_origin=["https://app.example.com"])  # rejected: a misspelt keyword
site.add_middleware(CORSMiddleware, allow_headers=7)  # rejected: not a collection
api.add_middleware(CORSMiddleware, allow_origins=[b"https://app.example.com"])  # rejected: bytes
Middleware(CORSMiddleware, max_age="600")  # rejected: seconds as text
Middleware(CORSMiddleware, allow_credential=True)  # rejected: a misspelt keyword
CORSMiddleware(api, allow_credentials="yes")  # rejected: text for a bool
CORSMiddleware(api, config={"max_age": 5})  # rejected: not a CORSConfig
CORSConfig(allow_origins=7)  # rejected: not a collection
CORSMiddleware(allow_origins=["*"])  # rejected: no app
CORSMiddleware(api, ["*"], ["*"], ["*"], False, None, False, [], 600, ["https://*.a.org"])  # rejected: keyword only
add_cors(api, allow_origin=["https://app.example.com"])  # rejected: a misspelt keyword
add_cors(CORSMiddleware(api))  # rejected: neither Starlette nor FastAPI
install(api)  # rejected: it is for every app
CORSMiddleware("api")  # rejected: not an app
CORSConfig().max_age = 5  # rejected: it does not change
print(cors.max_age)  # rejected: Starlette's class keeps no such attribute
cors.allow_headers = {"x-token"}  # rejected: a list is kept


class Subclass(CORSMiddleware):
    def is_allowed_origin(self, origin: bytes) -> bool:  # rejected: called with text
        return origin == b"null"
