"""What the networks of the P path are trained on: the looks of the built program `evidence` at the triggers of analysts' windows, of noise, and of copies of
both, with what each was: the P, before it, after it. Needs python3-numpy."""
import numpy as np
from recordings import after_foreshock, cut_short, measure, of_another_sensor, pieces, read_noise, read_windows, tapered, with_noise

RATIOS, LOOKS, COPIES, SEED = 14, 6, 14, 7
STEPS, QUARTERS, CHANNELS = 165, 22, 2
WINDOWS = ["ncedc-p", "stead", "seisan", "swiss", "pnsn", "martinique", "norsar"]
CROWDED = {"swiss", "martinique"}  # what comes after the P may well be another
WEAK = {"martinique", "norsar"}
NOISE = {"esec": 65, "norsar": 1e9, "martinique": 1e9}  # after so long there may be a mass movement
OF_COPIES, OF_WEAK, OF_LATER, OF_MOVEMENTS = 0.5, 0.8, 0.3, 0.5  # weights
ASKED = np.array([2, 1.5, 1.2, 0.8, 0.4, 0])  # more of early looks


def copy_of(window, noises, draw):
    if draw.random() < 0.6:
        window = cut_short(window, draw)
    if draw.random() < 0.6:
        window = with_noise(window, noises, draw, 1.3, 12)
    if window["p"] > 3.5 and draw.random() < 0.3:
        window = tapered(window, draw)
    if draw.random() < 0.25:
        window = after_foreshock(window, draw)
    return of_another_sensor(window, draw)


def noise_copies(noise, draw):
    for piece in pieces(noise, draw):
        yield of_another_sensor(tapered(piece, draw) if draw.random() < 0.3 else piece, draw)


def labels(rows, p, unknown):
    """1: the P, 0: before it, 2: after it, -1: of no use, as what comes later than `unknown`."""
    first, trigger = rows[:, 1] - p, rows[:, 2] - p
    label = np.where((first < -0.5) & (trigger < -0.5), 0, np.where((first > 0.5) & (trigger > 1), 2, -1))
    label[(label == 0) & (rows[:, 2] > unknown)] = -1
    return np.where((trigger >= -0.3) & (trigger <= 0.8) | (np.abs(first) <= 0.5) & (trigger <= 1.5), 1, label)


class Looks:
    """rows: number of the item, seconds of the first and of this trigger, look; x: measures and the look; wave: the trace, steps and quarters; source: '' of copies."""

    def __init__(self, build, data):
        self.program, self.parts, self.items = build + "/evidence", [], 0
        draw, traces = np.random.default_rng(SEED), build + "/traces"
        noise = {source: read_noise(traces, data, source) for source in NOISE}
        for source in WINDOWS:
            windows, weight = read_windows(traces, data, source), OF_WEAK if source in WEAK else 1
            later = 0 if source in CROWDED else 1e9
            self.add(source, windows, weight, later)
            for _ in range(COPIES):
                self.add("", [copy_of(w, noise["esec"] + noise["norsar"], draw) for w in windows], weight * OF_COPIES, later)
        for source, quiet in NOISE.items():
            self.add("noise:" + source, noise[source], 1, quiet)
            self.add("", [c for n in noise[source] for c in noise_copies(n, draw)], OF_COPIES, quiet)
        self.add("ncedc-picks", [dict(w, fold=-1) for w in read_windows(traces, data, "ncedc-picks")], 0)
        self.rows, self.wave, self.label, self.weight, self.fold, self.source = (np.concatenate(p) for p in zip(*self.parts))
        self.look = self.rows[:, 3].astype(int)
        self.x = np.c_[self.rows[:, 4:], np.eye(LOOKS)[self.look]]
        self.hours = {s: sum(len(n["components"][0]) / n["rate"] for n in noise[s]) / 3600 for s in NOISE}

    def add(self, source, items, share, quiet=1e9):
        said = measure(self.program, items, 4 + RATIOS + (STEPS + QUARTERS) * CHANNELS)
        rows, wave = said[:, : 4 + RATIOS].astype(float), said[:, 4 + RATIOS :].astype(np.float16).reshape(-1, STEPS + QUARTERS, CHANNELS)
        number = rows[:, 0].astype(int)
        label = labels(rows, np.array([i["p"] for i in items])[number], np.array([i.get("unknown", np.inf) for i in items])[number])
        weight = np.full(len(rows), share) * np.where(label == 2, OF_LATER, 1) * np.where(rows[:, 2] > quiet, OF_MOVEMENTS, 1)
        weight[(label < 0) | ((label == 2) & (quiet == 0))] = 0
        rows[:, 0] += self.items
        self.items += len(items)
        self.parts.append((rows, wave, label, weight, np.array([i["fold"] for i in items])[number], np.full(len(rows), source)))

    def report(self, title, odds):
        """What is found and what is false at each threshold."""
        print(title)
        for threshold in np.arange(-1.5, 1.6, 0.25):
            let_out, said = odds >= threshold + ASKED[self.look], []
            for name in WINDOWS + ["ncedc-picks"]:
                mine = let_out & (self.source == name)
                false = {tuple(r) for r in self.rows[mine & (self.label == 0)][:, :2]}
                said.append(f"{name} {len(set(self.rows[mine & (self.label == 1), 0]))} ({len(false)} before)")
            for name in NOISE:
                picked = {tuple(r) for r in self.rows[let_out & (self.source == "noise:" + name)][:, :2]}
                said.append(f"{name} {len(picked) / self.hours[name]:.1f}/h")
            print(f"{threshold}:", ", ".join(said), flush=True)
