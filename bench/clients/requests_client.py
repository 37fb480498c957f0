"""Python requests, as a peer: requests_client.py WORK URL COUNT CA."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

LARGE = 1024 * 1024 * 1024
work, url, count, ca = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
session = requests.Session()
session.trust_env = False
session.mount("http://", HTTPAdapter(pool_maxsize=64))
session.mount("https://", HTTPAdapter(pool_maxsize=64))
if ca != "-":
    session.verify = ca


class Large:
    """A body of known length in pieces."""

    def __init__(self):
        self.left = LARGE
        self.piece = bytes(64 * 1024)

    def __len__(self):
        return LARGE

    def read(self, size=-1):
        piece = self.piece[: min(self.left, size if size > 0 else len(self.piece))]
        self.left -= len(piece)
        return piece


def run():
    if work == "sequential":
        for _ in range(count):
            session.get(url).content
    elif work == "concurrent":
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(lambda _: session.get(url).content, range(count)))
    elif work == "down":
        received = sum(len(chunk) for chunk in session.get(url, stream=True).iter_content(65536))
        assert received == LARGE, received
    else:
        assert int(session.put(url, data=Large()).text) == LARGE


session.get(url.replace("/large", "/"))
start = time.perf_counter()
run()
print(f"seconds {time.perf_counter() - start}")
