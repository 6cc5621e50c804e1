"""The table that bench/remote/run prints: each row beside its aim."""


def shown(value, unit):
    if value is None:
        return "-"
    if unit == "s":
        return f"{value:.2f} s"
    if unit == "ms":
        return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"
    if unit == "KiB":
        return f"{value:.1f} KiB"
    if unit == "MiB":
        return f"{value:.0f} MiB"
    if unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:g}"


class Table:
    HEADER = ("what", "ours", "peer", "peer's", "ratio", "aim", "", "wall", "peer's", "others", "")

    def __init__(self, stream):
        self.rows = []
        self.missed = []
        self.stream = stream

    def _row(self, *cells):
        self.rows.append(cells)
        print("  " + "  ".join(str(cell) for cell in cells if cell not in ("", "-")), file=self.stream, flush=True)

    def beside(self, what, ours, peer, theirs, aim=None, unit="s", note="", wall=None, peer_wall=None, foreign=None):
        """Ours is to be no more than 1/aim of the peer's."""
        ratio = theirs / ours if ours and theirs else None
        verdict = self.verdict(f"{what} beside {peer}", ratio is not None and ratio >= aim, ratio is None) if aim else ""
        self._row(what, shown(ours, unit), peer, shown(theirs, unit), "-" if ratio is None else f"1/{ratio:.1f}",
                  f"1/{aim}" if aim else "", verdict, shown(wall, "s"), shown(peer_wall, "s"), shown(foreign, "%"), note)

    def alone(self, what, ours, aim, unit, note="", wall=None, foreign=None):
        verdict = "" if aim is None else self.verdict(what, ours is not None and ours <= aim, ours is None)
        self._row(what, shown(ours, unit), "", "", "", "" if aim is None else f"<= {shown(aim, unit)}", verdict, shown(wall, "s"), "",
                  shown(foreign, "%"), note)

    def verdict(self, what, is_reached, is_missing):
        if is_reached:
            return "reached"
        word = "not measured" if is_missing else "MISSED"
        self.missed.append(f"{what}: {word}")
        return word

    def show(self):
        rows = [self.HEADER, *self.rows]
        widths = [max(len(str(row[i])) for row in rows) for i in range(len(self.HEADER))]
        for row in rows:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
