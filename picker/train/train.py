#!/usr/bin/python3
"""train.py BUILD DATA WEIGHTS.h EXAMPLES.h: trains the networks of candidate_odds() and writes their constants, and examples for their test.

BUILD holds the built programs traces and evidence, DATA is the recordings' folder. Positive are the triggers at an analyst's P in labelled-windows, negative
all before it, all in the noise records and, for less, what comes after the P. Printed for each threshold is what is found and what is false, each window
and each noise judged by the networks that have seen nothing of its station; the windows of ncedc-picks are for testing alone and judged by all networks.
"""
import sys
import numpy as np
from network import held_out_odds, line, odds, side_by_side, table, train_folds, write_examples
from recordings import FOLDS, after_foreshock, cut_short, measure, of_another_sensor, pieces, read_noise, read_windows, tapered, with_noise

RATIOS, LOOKS, COPIES, SEED = 14, 5, 8, 7
WINDOWS = ["ncedc-p", "stead", "seisan", "swiss", "pnsn", "martinique", "norsar"]
CROWDED = {"swiss", "martinique"}  # what comes after the P may well be another
WEAK = {"martinique", "norsar"}
NOISE = {"esec": 65, "norsar": 1e9, "martinique": 1e9}  # after so long there may be a mass movement
OF_COPIES, OF_WEAK, OF_LATER, OF_MOVEMENTS = 0.5, 0.8, 0.3, 0.5  # weights
ASKED = np.array([2, 1.5, 1, 0.3, 0])  # more of early looks


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
    def __init__(self, build):
        self.program, self.parts = build + "/evidence", []

    def add(self, source, items, share, quiet=1e9):
        """`source`: its name; a copy's has none."""
        rows = measure(self.program, items, 4 + RATIOS)
        number = rows[:, 0].astype(int)
        label = labels(rows, np.array([i["p"] for i in items])[number], np.array([i.get("unknown", np.inf) for i in items])[number])
        weight = np.full(len(rows), share) * np.where(label == 2, OF_LATER, 1) * np.where(rows[:, 2] > quiet, OF_MOVEMENTS, 1)
        weight[(label < 0) | ((label == 2) & (quiet == 0))] = 0
        self.parts.append((rows, label, weight, np.array([i["fold"] for i in items])[number], np.full(len(rows), source)))

    def joined(self):
        rows, label, weight, fold, source = (np.concatenate(p) for p in zip(*self.parts))
        x = np.c_[rows[:, 4:], np.eye(LOOKS)[rows[:, 3].astype(int)]]
        return rows, x, label, weight, fold, source


def gather(build, data):
    draw, looks = np.random.default_rng(SEED), Looks(build)
    noise = {source: read_noise(build + "/traces", data, source) for source in NOISE}
    noises = noise["esec"] + noise["norsar"]
    for source in WINDOWS:
        windows, weight = read_windows(build + "/traces", data, source), OF_WEAK if source in WEAK else 1
        looks.add(source, windows, weight, 0 if source in CROWDED else 1e9)
        for _ in range(COPIES):
            looks.add("", [copy_of(w, noises, draw) for w in windows], weight * OF_COPIES, 0 if source in CROWDED else 1e9)
    for source, quiet in NOISE.items():
        looks.add("noise:" + source, noise[source], 1, quiet)
        looks.add("", [c for n in noise[source] for c in noise_copies(n, draw)], OF_COPIES, quiet)
    windows = read_windows(build + "/traces", data, "ncedc-picks")
    looks.add("ncedc-picks", [dict(w, fold=-1) for w in windows], 0)
    hours = {s: sum(len(n["components"][0]) / n["rate"] for n in noise[s]) / 3600 for s in NOISE}
    return looks.joined(), hours


def report(rows, label, source, z, hours):
    for threshold in np.arange(-1.5, 1.6, 0.25):
        let_out, said = z >= threshold + ASKED[rows[:, 3].astype(int)], []
        for name in WINDOWS + ["ncedc-picks"]:
            mine = let_out & (source == name)
            false = {tuple(r) for r in rows[mine & (label == 0)][:, :2]}
            said.append(f"{name} {len(set(rows[mine & (label == 1), 0]))} ({len(false)} before)")
        for name in NOISE:
            picked = {tuple(r) for r in rows[let_out & (source == "noise:" + name)][:, :2]}
            said.append(f"{name} {len(picked) / hours[name]:.1f}/h")
        print(f"{threshold}:", ", ".join(said), flush=True)


def write(path, net, label, nets):
    with open(path, "w") as out:
        out.write(f"""/* judge_weights.h (inside picker/): the constants of judge_log_odds(): {nets} networks side by side, each of {RATIOS} measures and the number of the look.
 *
 * Written by train/train.py from {(label == 1).sum()} looks at P waves and {((label == 0) | (label == 2)).sum()} at what is none; each network has seen four fifths of the stations.
 * None of the 100 windows that tests/picker counts on was used.
 */
#ifndef TOCSIN_PICKER_JUDGE_WEIGHTS_H
#define TOCSIN_PICKER_JUDGE_WEIGHTS_H

#include "judge.h"

/* clang-format off */
enum {{ JUDGE_UNITS = {len(net[2])} }};

static const float judge_of_look[CANDIDATE_LOOKS][JUDGE_UNITS] = {{
{table(net[1] + net[0][RATIOS:])},
}};
static const float judge_of_measure[JUDGE_MEASURES][JUDGE_UNITS] = {{
{table(net[0][:RATIOS])},
}};
static const float judge_of_unit[JUDGE_UNITS] = {line(net[2])};
#define JUDGE_CONSTANT ({net[3][0]:.4f}f)
/* clang-format on */

#endif
""")


def main():
    build, data, weights, examples = sys.argv[1:5]
    (rows, x, label, weight, fold, source), hours = gather(build, data)
    nets = train_folds(x, (label == 1).astype(float), weight, fold, FOLDS, fixed=LOOKS)
    report(rows, label, source, held_out_odds(x, fold, nets, FOLDS), hours)
    net = side_by_side(nets)
    write(weights, net, label[weight > 0], len(nets))
    some = np.flatnonzero(label == 1)[:: np.sum(label == 1) // 8][:8]
    write_examples(examples, "judge", np.c_[rows[some, 4:], rows[some, 3]], odds(x[some], net), "Measures, number of the look and log odds of P waves")


if __name__ == "__main__":
    main()
