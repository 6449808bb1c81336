"""What is pushed: each content says which channel it is for and how many were before it, and the
rest follows from that, so that whoever receives it can tell that not a byte of it is wrong. Pure.
"""

# What has to be escaped somewhere on the way: JSON, HTML, URLs, forms, SSE, chunks.
PADDING = "é \"quotes\" \\ </script><!-- & 100%+1 \u2028 👋 \r\n\r\ndata: {\"type\":\"data\"}\n" * 400
LONG_EVERY = 29
SEPARATOR = "|"


def content_of(cname, counter):
    """The content number `counter` of a channel; one in a while is longer than a socket takes at once."""
    size = len(PADDING) if counter % LONG_EVERY == 0 else counter * 7919 % 240
    return f"{cname}{SEPARATOR}{counter}{SEPARATOR}{PADDING[:size]}"


def counter_in(content):
    """The counter that a content claims to have; None where there is none."""
    parts = content.split(SEPARATOR, 2)
    return int(parts[1]) if len(parts) == 3 and parts[1].isdecimal() else None
