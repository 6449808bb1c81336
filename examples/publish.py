"""Publishes to a channel. Python 3, standard library.

    python3 publish.py http://127.0.0.1:8000 news 'hello'
"""

import sys
import urllib.parse
import urllib.request

admin, channel, content = sys.argv[1:]
form = urllib.parse.urlencode({'cname': channel, 'content': content}).encode()
with urllib.request.urlopen(f'{admin}/push', form, timeout=5) as answer:
    print(answer.read().decode(), end='')
