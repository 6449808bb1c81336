"""The server's memory over time: samples, whether they are flat, a table and a picture. Pure."""

import statistics

WIDTH, HEIGHT, MARGIN = 800, 300, 50


class Series:
    """Bytes by seconds since the start."""

    def __init__(self):
        self.samples = []

    def add(self, second, bytes_):
        self.samples.append((second, bytes_))

    def thirds(self):
        """Medians of the middle and of the last third, by time."""
        first, last = self.samples[0][0], self.samples[-1][0]
        span = (last - first) / 3
        middle = [size for second, size in self.samples if first + span <= second < last - span]
        end = [size for second, size in self.samples if second >= last - span]
        return statistics.median(middle or end), statistics.median(end)

    def growth(self, *, ratio, allowance):
        """None when flat; else a sentence. The last third may be above the middle one by so much."""
        middle, end = self.thirds()
        most = middle * (1 + ratio) + allowance
        if end <= most:
            return None
        return (f"memory grows: {end / 1e6:.1f} MB in the last third, {middle / 1e6:.1f} MB in the "
                f"middle one; at most {most / 1e6:.1f} MB were allowed")

    def csv(self):
        return "second,bytes\n" + "".join(f"{second:.2f},{size}\n" for second, size in self.samples)

    def svg(self, title):
        longest = max(self.samples[-1][0], 1)
        most = max(size for _, size in self.samples) * 1.1
        across, down = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        points = " ".join(f"{MARGIN + second / longest * across:.1f},"
                          f"{HEIGHT - MARGIN - size / most * down:.1f}"
                          for second, size in self.samples)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"
 font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="{MARGIN}" y="24" font-size="15">{title}</text>
<path d="M{MARGIN} {MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="gray"/>
<text x="{MARGIN - 4}" y="{MARGIN + 4}" text-anchor="end">{most / 1e6:.0f} MB</text>
<text x="{MARGIN - 4}" y="{HEIGHT - MARGIN}" text-anchor="end">0</text>
<text x="{WIDTH - MARGIN}" y="{HEIGHT - MARGIN + 18}" text-anchor="end">{longest:.0f} s</text>
<polyline points="{points}" fill="none" stroke="#1f6fc4" stroke-width="2"/>
</svg>
"""
