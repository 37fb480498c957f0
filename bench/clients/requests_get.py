"""Sequential GETs with Python's requests: requests_get.py URL SECONDS. Input and output are those of rate.ts."""

import sys
import time

import requests

url, seconds = sys.argv[1], float(sys.argv[2])
with requests.Session() as session:
    # As long as the clients in rate.ts.
    warm = time.perf_counter() + 4
    while time.perf_counter() < warm:
        if session.get(url).content != b"hello":
            sys.exit("The answer is not hello")
    print("warm", flush=True)
    for _ in sys.stdin:
        count = 0
        start = now = time.perf_counter()
        while now < start + seconds:
            session.get(url).content
            count += 1
            now = time.perf_counter()
        print(f"{count / (now - start):.1f}", flush=True)
