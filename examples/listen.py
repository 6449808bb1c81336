"""Prints what comes on a channel, from a number on; comes back after a loss. Python 3, standard library.

    python3 listen.py http://127.0.0.1:8100 news 1
"""

import json
import random
import sys
import time
import urllib.parse
import urllib.request

front, channel, seq = sys.argv[1], sys.argv[2], int(sys.argv[3])

while True:
    query = urllib.parse.urlencode({'cname': channel, 'seq': seq})
    try:
        # Silence longer than 1.3 heartbeats of 30 seconds is a loss.
        with urllib.request.urlopen(f'{front}/stream?{query}', timeout=39) as stream:
            for line in stream:
                message = json.loads(line)
                if message['type'] in ('data', 'broadcast'):
                    seq = message['seq'] + 1
                    print(message['seq'], message['content'], flush=True)
                elif message['type'] == 'next_seq':
                    seq = message['seq']
                elif message['type'] in ('close', '401', '429'):
                    sys.exit(message['type'])
    except (OSError, ValueError) as error:
        print('lost:', error, file=sys.stderr)
    time.sleep(random.uniform(0.1, 1))
