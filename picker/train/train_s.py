#!/usr/bin/python3
"""train_s.py BUILD TOCSIN DATA WEIGHTS.h EXAMPLES.h: trains the networks of the S path and writes their constants, and examples for their test.

BUILD holds the built programs traces and s_evidence, TOCSIN is the built server's command, DATA the recordings' folder. Positive are the looks 0.15 to 0.75 s
after an analyst's S in labelled-windows whose onset lies within 0.25 s of it, negative those before it, later than 1 s after it, all before it when the search began
some seconds before the P, and all after what TOCSIN picks in the noise records. Printed for each threshold is what becomes of the first look over it, each
window judged by the networks that have seen nothing of its station; the windows of ncedc-picks are for testing alone and judged by all networks.
"""
import csv, subprocess, sys
import numpy as np
from network import held_out_odds, line, odds, side_by_side, table, train_folds, write_examples
from recordings import FOLDS, measure, of_another_sensor, read_noise, read_windows, seconds, with_noise

RATIOS, MEASURES, COPIES, SEED = 18, 98, 10, 11
WINDOWS = {"stead": 1, "seisan": 1, "swiss": 1, "pnsn": 1, "martinique": 1, "norsar": 0.5}
NOISE = ["esec", "norsar"]
EARLY_S = [2, 5]
OF_COPIES, OF_VERTICALS, OF_EARLY, OF_NOISE, OF_LATER = 0.35, 0.5, 0.5, 0.2, 0.15  # weights
WAITED_S, SURER, AFTER_P_S = 0.3, 1.6, 0.25  # how much more is asked of an onset that is younger


def copy_of(window, noises, draw):
    if draw.random() < 0.5:
        window = with_noise(window, noises, draw, 2, 15)
    window = of_another_sensor(window, draw)
    if draw.random() < 0.3:
        window = vertical_of(window)
    return dict(window, p=window["p"] + draw.normal(0, 0.03))


def vertical_of(window):
    return dict(window, components=window["components"][:1])


def labels(looks, s):
    """1, 0 or -1 (of no use)."""
    late, error = looks[:, 1] - s, np.abs(looks[:, 2] - s)
    label = np.where((late < 0) | (late > 1), 0, -1)
    return np.where((late >= 0.15) & (late <= 0.75) & (error <= 0.25), 1, label), late > 1


class Looks:
    def __init__(self, build):
        self.program, self.parts = build + "/s_evidence", []

    def add(self, source, items, share, early=0, noise=False):
        """`early`: the search begins so long before the P, and what comes after S is of no use."""
        rows = measure(self.program, items, 3 + MEASURES, lambda i: i["p"] - early, 3)
        number = rows[:, 0].astype(int)
        p, s = np.array([i["p"] for i in items])[number], np.array([i["s"] for i in items])[number]
        label, later = labels(rows, s)
        label = np.where(later if early else False, -1, label)
        label = np.zeros(len(rows)) if noise else np.where(np.isnan(s), -1, label)
        weight = np.where(label < 0, 0, share * np.where(later & (label == 0), OF_LATER, 1))
        self.parts.append((rows, label, weight, np.array([i["fold"] for i in items])[number], np.full(len(rows), source), p, s))

    def joined(self):
        return [np.concatenate(p) for p in zip(*self.parts)]


def picked_noise(build, tocsin, data, source):
    """The records from each P that is picked in them on."""
    out, noise = [], read_noise(build + "/traces", data, source)
    text = subprocess.run([tocsin, "pick", f"{data}/labelled-windows/noise/{source}.mseed"], capture_output=True, text=True, check=True).stdout
    for r in csv.DictReader(text.splitlines()):
        for n in noise:
            p = seconds(r["time_utc"]) - n["start"]
            if r["phase"] == "P" and n["station"] == r["network"] + "." + r["station"] and 0 <= p <= len(n["components"][0]) / n["rate"]:
                out.append(dict(n, p=p))
    return out


def gather(build, tocsin, data):
    draw, looks = np.random.default_rng(SEED), Looks(build)
    noises = read_noise(build + "/traces", data, "esec")
    for source, weight in WINDOWS.items():
        windows = [w for w in read_windows(build + "/traces", data, source) if not np.isnan(w["s"])]
        looks.add(source, windows, weight)
        looks.add("", [vertical_of(w) for w in windows], weight * OF_VERTICALS)
        for early in EARLY_S:
            looks.add("", windows, weight * OF_EARLY, early)
        for _ in range(COPIES):
            looks.add("", [copy_of(w, noises, draw) for w in windows], weight * OF_COPIES)
    for source in NOISE:
        looks.add("noise:" + source, picked_noise(build, tocsin, data, source), OF_NOISE, noise=True)
    looks.add("ncedc-picks", [dict(w, fold=-1) for w in read_windows(build + "/traces", data, "ncedc-picks")], 0)
    return looks.joined()


def report(rows, source, p, s, z):
    """What the first look over a threshold makes of each search: hits, others, median error."""
    for threshold in np.arange(-2.5, 0.6, 0.25):
        young = rows[:, 1] - rows[:, 2] < WAITED_S - 1e-6
        over, said = (z >= threshold + SURER * young) & (rows[:, 2] - p >= AFTER_P_S), []
        for name in [*WINDOWS, "ncedc-picks", *("noise:" + n for n in NOISE)]:
            mine = np.flatnonzero(over & (source == name))
            _, at = np.unique(rows[mine, 0], return_index=True)
            error = np.abs(rows[mine[at], 2] - s[mine[at]])
            hits = error <= 0.5
            said.append(f"{name} {hits.sum()} + {(~hits).sum()}" + (f" ({np.median(error[hits]):.2f} s)" if hits.any() else ""))
        print(f"{threshold}:", ", ".join(said), flush=True)


def write(path, net, label, nets):
    with open(path, "w") as out:
        out.write(f"""/* shear_weights.h (inside picker/): the constants of the S path: {nets} networks side by side, each of {MEASURES} measures.
 *
 * Written by train/train_s.py from {(label == 1).sum()} looks at S waves and {(label == 0).sum()} at what is none; each network has seen four fifths of the stations.
 * None of the windows of ncedc-picks was used.
 */
#ifndef TOCSIN_PICKER_SHEAR_WEIGHTS_H
#define TOCSIN_PICKER_SHEAR_WEIGHTS_H

#include "shear.h"

/* clang-format off */
enum {{ SHEAR_UNITS = {len(net[2])} }};

static const float shear_of_measure[SHEAR_MEASURES][SHEAR_UNITS] = {{
{table(net[0])},
}};
static const float shear_of_bias[SHEAR_UNITS] = {line(net[1])};
static const float shear_of_unit[SHEAR_UNITS] = {line(net[2])};
#define SHEAR_CONSTANT ({net[3][0]:.4f}f)
/* clang-format on */

#endif
""")


def main():
    build, tocsin, data, weights, examples = sys.argv[1:6]
    rows, label, weight, fold, source, p, s = gather(build, tocsin, data)
    nets = train_folds(rows[:, 3:], (label == 1).astype(float), weight, fold, FOLDS)
    report(rows, source, p, s, held_out_odds(rows[:, 3:], fold, nets, FOLDS))
    net = side_by_side(nets)
    write(weights, net, label[weight > 0], len(nets))
    some = np.flatnonzero(label == 1)[:: np.sum(label == 1) // 4][:4]
    write_examples(examples, "shear", rows[some, 3:], odds(rows[some, 3:], net), "Measures and log odds of S waves")


if __name__ == "__main__":
    main()
