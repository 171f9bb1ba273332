"""The recordings that the networks of the P and of the S path are trained on, and what is made of them: analysts' windows and noise, each with other
noise added, cut short, tapered, turned, decimated, differentiated or integrated, and played faster or slower. Needs python3-numpy."""
import csv, datetime, io, subprocess, zlib
import numpy as np

FOLDS = 5


def seconds(text):
    return datetime.datetime.fromisoformat(text.strip().rstrip("Z")).replace(tzinfo=datetime.timezone.utc).timestamp()


def fold_of(station):
    """All of a station in one fold."""
    return zlib.crc32(station.encode()) % FOLDS


def read_traces(program, path):
    """Station, component, start, rate, samples."""
    data, at, traces = subprocess.run([program, path], capture_output=True, check=True).stdout, 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        codes, start, rate, n = data[at:end].decode().split()
        network, station, channel = codes.split(".")
        traces.append((network + "." + station, channel[-1], float(start), float(rate), np.frombuffer(data, np.float32, int(n), end + 1).astype(float)))
        at = end + 1 + 4 * int(n)
    return traces


def sensors(traces):
    """Verticals with their two horizontals, where these are as long."""
    groups, out = {}, []
    for station, component, start, rate, samples in traces:
        groups.setdefault((station, round(start)), []).append((component, start, rate, samples))
    for (station, _), group in groups.items():
        for _, start, rate, vertical in (g for g in group if g[0] == "Z"):
            horizontals = [g[3] for g in group if g[0] != "Z" and len(g[3]) == len(vertical)]
            out.append(dict(station=station, start=start, rate=rate, components=[vertical] + (horizontals[:2] if len(horizontals) >= 2 else [])))
    return out


def read_windows(program, data, source):
    """Windows with an analyst's P and (nan: not known) S, seconds after the first sample."""
    apart = source == "ncedc-picks"
    rows = csv.DictReader(open(data + ("/ncedc-picks/picks.csv" if apart else "/labelled-windows/picks.csv")))
    found = sensors(read_traces(program, data + ("/ncedc-picks/waveforms.mseed" if apart else f"/labelled-windows/windows/{source}.mseed")))
    out = []
    for r in rows:
        if not apart and r["source"] != source:
            continue
        start, rate, s = seconds(r["window_start_utc"]), float(r.get("rate_hz") or 100), r["s_sample"]
        for w in found:
            if w["station"] == r["network"] + "." + r["station"] and abs(w["start"] - start) < 1:
                shift = start - w["start"]
                out.append(dict(w, p=int(r["p_sample"]) / rate + shift, s=int(s) / rate + shift if s not in ("", "-1") else np.nan,
                                fold=fold_of(r.get("original_station") or r["station"])))
                break
    return out


def read_noise(program, data, source):
    rows = csv.DictReader(open(data + "/labelled-windows/noise.csv"))
    station = {r["network"] + "." + r["station"]: r["original_station"] for r in rows}
    found = sensors(read_traces(program, f"{data}/labelled-windows/noise/{source}.mseed"))
    return [dict(n, p=np.inf, s=np.nan, fold=fold_of(station[n["station"]])) for n in found]


def measure(program, items, measures, start=lambda item: 0, components=1):
    """What the built program says of the items: rows of number of the item, what it says first, measures."""
    text = io.BytesIO()
    for item in items:
        for c in range(components):
            samples = item["components"][c] if c < len(item["components"]) else []
            text.write(f"X {start(item):.6f} {item['rate']:.9g} {len(samples)}\n".encode())
            text.write(np.asarray(samples, np.float32).tobytes())
    out = subprocess.run([program], input=text.getvalue(), capture_output=True, check=True).stdout
    return np.frombuffer(out, np.float32).reshape(-1, measures)


def pieces(item, draw):
    """A long record of noise in short ones, as of streams that have just begun; seven of ten."""
    step = int(draw.uniform(6, 25) * item["rate"])
    for at in range(0, len(item["components"][0]) - int(6 * item["rate"]), step):
        if draw.random() < 0.7:
            yield dict(item, components=[c[at : at + step] for c in item["components"]])


def cut_short(item, draw):
    """The P comes 3 to 12 s after the first sample."""
    cut = max(0, int((item["p"] - draw.uniform(3.2, 12)) * item["rate"]))
    return dict(item, components=[c[cut:] for c in item["components"]], p=item["p"] - cut / item["rate"], s=item["s"] - cut / item["rate"])


def tapered(item, draw):
    n = int(draw.uniform(0.3, 2.5) * item["rate"])
    ramp = np.ones(len(item["components"][0]))
    ramp[:n] = (0.5 - 0.5 * np.cos(np.pi * np.arange(n) / n))[: len(ramp)]
    return dict(item, components=[(c - c[:n].mean()) * ramp for c in item["components"]])


def after_foreshock(item, draw):
    """A lesser copy of the P comes 2 to 10 s before it; what triggers between them is of no use."""
    shift, gain = int(draw.uniform(2, 10) * item["rate"]), np.exp(draw.uniform(np.log(0.03), np.log(0.3)))
    at = int((item["p"] - 0.2) * item["rate"])
    if at < shift:
        return item
    components = []
    for c in item["components"]:
        c = c.copy()
        c[at - shift : len(c) - shift] += gain * (c[at:] - c[at])
        components.append(c)
    return dict(item, components=components, unknown=item["p"] - shift / item["rate"] - 0.5)


def energy(x):
    return float(np.mean(np.diff(x) ** 2)) if len(x) > 1 else 0.0


def with_noise(item, noises, draw, weakest, strongest):
    """Other noise of the same fold is added, so that the P stands out of it by `weakest` to `strongest`."""
    rate, n, p = item["rate"], len(item["components"][0]), int(item["p"] * item["rate"])
    for other in (noises[draw.integers(len(noises))] for _ in range(60)):
        length = len(other["components"][0])
        if other["fold"] == item["fold"] and 0.6 < other["rate"] / rate < 1.7 and length > n + 1 and len(other["components"]) >= len(item["components"]):
            at = draw.integers(length - n)
            noise = [c[at : at + n] for c in other["components"]]
            signal, level = energy(item["components"][0][p : p + int(0.6 * rate)]), energy(noise[0][max(0, p - int(2 * rate)) : p + int(0.5 * rate)])
            if signal > 0 and level > 0:
                gain = np.sqrt(signal / level) / np.exp(draw.uniform(np.log(weakest), np.log(strongest)))
                return dict(item, components=[c + gain * o for c, o in zip(item["components"], noise)])
    return item


def of_another_sensor(item, draw):
    """Turned, differentiated or integrated, decimated, and faster or slower."""
    components, rate, stretch = item["components"], item["rate"], 1
    if len(components) == 3 and draw.random() < 0.8:
        angle = draw.uniform(0, 2 * np.pi)
        z, a, b = components
        components = [z, np.cos(angle) * a - np.sin(angle) * b, np.sin(angle) * a + np.cos(angle) * b]
    kind = draw.random()
    if kind < 0.3:
        components = [np.diff(c, prepend=c[0]) for c in components]
    elif kind < 0.4:
        components = [np.cumsum(c - c[: int(2 * rate)].mean()) for c in components]
    factor = int(draw.choice([1, 1, 1, 2, 3]))
    if rate / factor >= 25:
        components, rate = [c[: len(c) // factor * factor].reshape(-1, factor).mean(1) for c in components], rate / factor
    if draw.random() < 0.5:
        stretch = np.exp(draw.uniform(-0.35, 0.35))
    stretch = stretch if 20 <= rate * stretch <= 250 else 1
    return dict(item, components=components, rate=rate * stretch, p=item["p"] / stretch, s=item["s"] / stretch, unknown=item.get("unknown", np.inf) / stretch)
