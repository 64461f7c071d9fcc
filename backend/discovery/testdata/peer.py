"""Reads the first 8 KiB of every script below a folder and splits its
"@key: value" lines, and does nothing else: what discovery is held against.

Usage: peer.py FOLDER    prints the number of files and keys, and milliseconds
"""
import os
import re
import sys
import time

KEY = re.compile(rb"^@([a-z_]+):[ \t]*(.*)$", re.MULTILINE)


def main(folder):
    start = time.perf_counter()
    files = keys = 0
    for group in os.scandir(folder):
        if not group.is_dir():
            continue
        for entry in os.scandir(group.path):
            if not entry.name.endswith(".py"):
                continue
            with open(entry.path, "rb", buffering=0) as f:
                head = f.read(8192)
            header = dict(KEY.findall(head))
            files += 1
            keys += len(header)
    print(f"{files} {keys} {(time.perf_counter() - start) * 1000:.1f}")


if __name__ == "__main__":
    main(sys.argv[1])
