#!/usr/bin/env python3
"""Draws a flame graph: where the samples of a profile were, as an SVG without scripts.

Reads the output of `perf script`, or stacks that are folded already ("main;run;send 42" a line), and
writes one self-contained SVG. A frame's width is its share of all samples, what it was called by is
below it, and hovering over it shows its full name, samples and share. Green is the kernel, orange is
the program. --folded writes folded stacks instead, for diff and grep.
"""

import argparse
import hashlib
import html
import re
import sys

WIDTH = 1200
MARGIN = 10
ROW = 17
TITLE_HEIGHT = 52
FOOTER_HEIGHT = 30
FONT = 12
CHARACTER_WIDTH = 7.3  # of the widest monospaced font in use, at FONT
NARROWEST = 0.3  # pixels; thinner frames are left out

KERNEL_SUFFIX = "_[k]"
UNKNOWN = "[unknown]"

# "comet-server 12 [000] 34.5:   1000 cpu-clock:" opens a sample, "  55d0 name+0x10 (/path)" is a frame.
SAMPLE_HEAD = re.compile(r"^(?P<command>\S.*?)\s+\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:")
FRAME = re.compile(r"^\s+[0-9a-f]+\s+(?P<name>.+?)\s+\((?P<object>[^()]*(?:\([^()]*\))?[^()]*)\)\s*$")
FOLDED = re.compile(r"^(?P<stack>\S.*)\s(?P<count>\d+)$")


def plain_name(name, binary):
    """A frame's name: without offset, parameters and templates, and marked when it is the kernel's."""
    name = re.sub(r"\+0x[0-9a-f]+$", "", name)
    is_kernel = binary.startswith("[") and binary not in ("[vdso]", "[vsyscall]", UNKNOWN)
    if name == UNKNOWN and not is_kernel and binary != UNKNOWN:
        name = f"[{binary.rsplit('/', 1)[-1]}]"
    name = without_parameters(name).replace(";", ":")
    return name + KERNEL_SUFFIX if is_kernel else name


def without_parameters(name):
    """Drops (...) and <...>, nested or not, but keeps "(anonymous namespace)" and operators."""
    name = name.replace("(anonymous namespace)", "{anonymous}")
    if "operator" in name:
        return name
    kept, depth = [], 0
    for character in name:
        if character in "(<":
            depth += 1
        elif character in ")>" and depth:
            depth -= 1
        elif depth == 0:
            kept.append(character)
    return re.sub(r"\s+(const|volatile)$", "", "".join(kept)).strip() or name


def fold_script(lines):
    """Folds `perf script` output: {"command;outermost;...;innermost": samples}."""
    folded, command, frames = {}, None, []

    def end_sample():
        if command is not None:
            stack = ";".join([command] + frames[::-1])
            folded[stack] = folded.get(stack, 0) + 1

    for line in lines:
        line = line.rstrip("\n")
        frame = FRAME.match(line)
        if frame and command is not None:
            frames.append(plain_name(frame["name"], frame["object"]))
        elif not line.strip():
            end_sample()
            command, frames = None, []
        else:
            head = SAMPLE_HEAD.match(line)
            if head:
                end_sample()
                command, frames = head["command"].replace(";", ":"), []
    end_sample()
    return folded


def read_profile(lines):
    """Takes either format; the first line that says something decides."""
    lines = [line for line in lines if not line.startswith("#")]
    first = next((line for line in lines if line.strip()), "")
    if not FOLDED.match(first) or SAMPLE_HEAD.match(first):
        return fold_script(lines)
    folded = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = FOLDED.match(line)
        if not match:
            raise ValueError(f"line {number} is no folded stack: {line.strip()[:60]}")
        folded[match["stack"]] = folded.get(match["stack"], 0) + int(match["count"])
    return folded


class Frame:
    """A function in one place of the call tree, with the samples below it."""

    def __init__(self, name):
        self.name = name
        self.samples = 0
        self.callees = {}

    def add(self, names, samples):
        frame = self
        frame.samples += samples
        for name in names:
            frame = frame.callees.setdefault(name, Frame(name))
            frame.samples += samples


def call_tree(folded):
    root = Frame("all")
    for stack, samples in folded.items():
        root.add(stack.split(";"), samples)
    return root


def place(frame, left, level, pixels_per_sample):
    """Yields (frame, left, level) for all that is wide enough to be seen, callees by name."""
    if frame.samples * pixels_per_sample < NARROWEST:
        return
    yield frame, left, level
    for _, callee in sorted(frame.callees.items()):
        yield from place(callee, left, level + 1, pixels_per_sample)
        left += callee.samples * pixels_per_sample


def colour(name):
    """The same name has the same colour in every graph."""
    shade = hashlib.blake2b(name.encode(), digest_size=2).digest()
    if name.endswith(KERNEL_SUFFIX):
        return f"hsl({95 + shade[0] % 45},{38 + shade[1] % 14}%,{66 + shade[0] % 10}%)"
    return f"hsl({18 + shade[0] % 30},{78 + shade[1] % 15}%,{64 + shade[1] % 12}%)"


def draw_frame(frame, left, top, width, total):
    share = 100 * frame.samples / total
    kernel = frame.name.endswith(KERNEL_SUFFIX)
    name = frame.name[: -len(KERNEL_SUFFIX)] if kernel else frame.name
    hint = f"{name}{' (kernel)' if kernel else ''}: {frame.samples:,} samples, {share:.2f}%"
    parts = [
        f"<g><title>{html.escape(hint)}</title>",
        f'<rect x="{left:.1f}" y="{top}" width="{max(width - 0.4, 0.3):.1f}" height="{ROW - 1}" '
        f'fill="{colour(frame.name)}"/>',
    ]
    room = int((width - 6) / CHARACTER_WIDTH)
    if room >= 3:
        label = name if len(name) <= room else name[: room - 1] + "…"
        parts.append(f'<text x="{left + 3:.1f}" y="{top + ROW - 5}">{html.escape(label)}</text>')
    parts.append("</g>")
    return "".join(parts)


def draw(folded, title, remark):
    root = call_tree(folded)
    pixels_per_sample = (WIDTH - 2 * MARGIN) / root.samples
    frames = list(place(root, MARGIN, 0, pixels_per_sample))
    levels = 1 + max(level for _, _, level in frames)
    height = TITLE_HEIGHT + levels * ROW + FOOTER_HEIGHT
    subtitle = f"{root.samples:,} samples" + (f"; {remark}" if remark else "")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        "<style>text{font:%dpx ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b1b1b}"
        ".title{font:600 17px system-ui,sans-serif}.note{font:12px system-ui,sans-serif;fill:#555}"
        "g:hover rect{stroke:#1b1b1b;stroke-width:1}</style>" % FONT,
        f'<rect width="{WIDTH}" height="{height}" fill="#fdfcf9"/>',
        f'<text class="title" x="{MARGIN}" y="24">{html.escape(title)}</text>',
        f'<text class="note" x="{MARGIN}" y="42">{html.escape(subtitle)}</text>',
    ]
    for frame, left, level in frames:
        top = TITLE_HEIGHT + (levels - 1 - level) * ROW
        lines.append(draw_frame(frame, left, top, frame.samples * pixels_per_sample, root.samples))
    lines += [
        f'<g><rect x="{MARGIN}" y="{height - 20}" width="11" height="11" fill="{colour("program")}"/>'
        f'<text class="note" x="{MARGIN + 16}" y="{height - 10}">program</text>',
        f'<rect x="{MARGIN + 80}" y="{height - 20}" width="11" height="11" fill="{colour("k" + KERNEL_SUFFIX)}"/>'
        f'<text class="note" x="{MARGIN + 96}" y="{height - 10}">kernel</text></g>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="?", default="-", help="file, or - for standard input (default)")
    parser.add_argument("-o", "--output", default="-", help="file, or - for standard output (default)")
    parser.add_argument("--title", default="Where the time goes")
    parser.add_argument("--remark", default="", help="a line below the title")
    parser.add_argument("--folded", action="store_true", help="write folded stacks, not an SVG")
    options = parser.parse_args()

    try:
        if options.input == "-":
            folded = read_profile(sys.stdin)
        else:
            with open(options.input, encoding="utf-8", errors="replace") as file:
                folded = read_profile(file)
    except (OSError, ValueError) as error:
        sys.exit(f"flamegraph.py: {error}")
    if not folded:
        sys.exit("flamegraph.py: no samples; was the process busy?")

    if options.folded:
        result = "".join(f"{stack} {samples}\n" for stack, samples in sorted(folded.items()))
    else:
        result = draw(folded, options.title, options.remark)
    if options.output == "-":
        sys.stdout.write(result)
    else:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(result)


if __name__ == "__main__":
    main()
