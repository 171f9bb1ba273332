"""Small networks of one hidden layer, several side by side: each is trained without one fold of the stations, and together they are one wide network
whose odds are the mean of theirs. Needs python3-numpy."""
import numpy as np

UNITS, EPOCHS, BATCH, RATE, DECAY, DROPPED_INPUTS, DROPPED_UNITS, SEEDS = 16, 10, 2048, 5e-3, 5e-2, 0.05, 0.1, 2


def odds(x, net):
    return np.tanh(x @ net[0] + net[1]) @ net[2] + net[3][0]


def train(x, y, w, units, seed):
    """Cross entropy, Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019) and dropout (Srivastava et al. 2014)."""
    draw = np.random.default_rng(seed)
    x, y, w = x.astype(np.float32), y.astype(np.float32), w.astype(np.float32)
    net = [draw.uniform(-1, 1, (x.shape[1], units)) / np.sqrt(x.shape[1]), np.zeros(units), draw.uniform(-1, 1, units) / np.sqrt(units), np.zeros(1)]
    net = [p.astype(np.float32) for p in net]
    first, second, step = [np.zeros_like(p) for p in net], [np.zeros_like(p) for p in net], 0
    steps = EPOCHS * -(-len(x) // BATCH)
    for _ in range(EPOCHS):
        order = draw.permutation(len(x))
        for i in range(0, len(order), BATCH):
            j = order[i : i + BATCH]
            seen = x[j] * (draw.random(x[j].shape, np.float32) > DROPPED_INPUTS)
            hidden = np.tanh(seen @ net[0] + net[1])
            kept = (draw.random(hidden.shape, np.float32) > DROPPED_UNITS) / np.float32(1 - DROPPED_UNITS)
            p = 1 / (1 + np.exp(-np.clip((hidden * kept) @ net[2] + net[3], -30, 30)))
            g = w[j] * (p - y[j]) / w[j].sum()
            back = g[:, None] * net[2] * kept * (1 - hidden * hidden)
            gradient = [seen.T @ back, back.sum(0), (hidden * kept).T @ g, np.array([g.sum()])]
            step += 1
            rate = RATE * min(step / (0.15 * steps), 0.5 + 0.5 * np.cos(np.pi * max(0, step / steps - 0.15) / 0.85))
            for q in range(4):
                first[q] = 0.9 * first[q] + 0.1 * gradient[q]
                second[q] = 0.999 * second[q] + 0.001 * gradient[q] ** 2
                net[q] = (net[q] * (1 - rate * DECAY) - rate * (first[q] / (1 - 0.9**step)) / (np.sqrt(second[q] / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
    return net


def train_folds(x, y, w, fold, folds, fixed=0, units=UNITS):
    """For each fold SEEDS networks that have not seen it. The last `fixed` columns are not brought to the same spread. Rows of weight 0 are not used."""
    used = w > 0
    mean, deviation = x[used].mean(0), x[used].std(0) + 1e-3
    if fixed:
        mean[-fixed:], deviation[-fixed:] = 0, 1
    nets = []
    for f in range(folds):
        rows = used & (fold != f)
        for seed in range(SEEDS):
            net = [p.astype(float) for p in train((x[rows] - mean) / deviation, y[rows], w[rows], units, SEEDS * f + seed)]
            net[0] = net[0] / deviation[:, None]
            net[1] = net[1] - mean @ net[0]
            nets.append(net)
    return nets


def held_out_odds(x, fold, nets, folds):
    """Of the networks that have not seen the row's fold; fold -1: of all."""
    each = np.stack([odds(x, net) for net in nets])
    out = each.mean(0)
    for f in range(folds):
        out[fold == f] = each[SEEDS * f : SEEDS * (f + 1), fold == f].mean(0)
    return out


def side_by_side(nets):
    return [np.hstack([n[0] for n in nets]), np.hstack([n[1] for n in nets]), np.hstack([n[2] for n in nets]) / len(nets), np.mean([n[3] for n in nets], 0)]


def table(rows):
    return ",\n".join("    {" + ", ".join(f"{v:.4f}f" for v in row) + "}" for row in rows)


def line(values):
    return table([values]).strip()


def write_examples(path, name, rows, odds, title):
    """Rows as C is to be fed with them, and what is to come out: so that a test holds both languages equal."""
    with open(path, "w") as out:
        out.write(f"""/* {title}, computed by picker/train/network.py in double precision. */
#ifndef TOCSIN_TESTS_{name.upper()}_EXAMPLES_H
#define TOCSIN_TESTS_{name.upper()}_EXAMPLES_H

/* clang-format off */
static const float {name}_examples[{len(rows)}][{len(rows[0])}] = {{
{table(rows)},
}};
static const float {name}_examples_odds[{len(rows)}] = {line(odds)};
/* clang-format on */

#endif
""")
