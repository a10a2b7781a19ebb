"""Writes paired_scipy.json: what scipy says of paired samples. Made once; run it again with: python3 paired_scipy.py

Where differences are tied, or zero, the default of scipy's `wilcoxon` differs from version to version; the golden numbers are those
of method="approx" there, which is the same in all of them.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import scipy
from scipy import integrate, optimize, stats

warnings.simplefilter("ignore")
random = np.random.default_rng(4)


def number(x):
    return float(x) if math.isfinite(x) else None


def dice(n):
    return random.beta(18, 3, n)


def paired(n, shift=0.01, noise=0.03):
    a = dice(n)
    return a, a + shift + noise * random.standard_normal(n)


def noncentral(t, freedom, shift):
    """P(T <= t) by adaptive quadrature over s: not how the program does it."""
    scaled = stats.chi(freedom, scale=1 / math.sqrt(freedom))
    low, high = scaled.ppf(1e-14), scaled.isf(1e-14)
    bends = [s for s in [(shift - 1) / t, shift / t, (shift + 1) / t, scaled.mean()] if low < s < high]
    f = lambda s: stats.norm.cdf(t * s - shift) * scaled.pdf(s)
    return integrate.quad(f, low, high, points=bends, limit=2000, epsabs=1e-13, epsrel=1e-13)[0]


def dz_interval(t, n):
    reach = 7 * abs(t) + 40
    at = lambda part: optimize.brentq(lambda s: noncentral(t, n - 1, s) - part, -reach, reach, xtol=1e-12)
    return [at(0.975) / math.sqrt(n), at(0.025) / math.sqrt(n)]


def case(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    d = b - a
    n = len(d)
    nonzero = np.abs(d[d != 0])
    plain = n <= 50 and len(nonzero) == n and len(np.unique(nonzero)) == n
    out = {"name": name, "a": a.tolist(), "b": b.tolist()}
    if len(nonzero):
        w = stats.wilcoxon(d, method="auto" if plain else "approx")
        out["wilcoxon"] = {"statistic": number(w.statistic), "p": number(w.pvalue), "method": "exact" if plain else "normal"}
    constant = n < 2 or np.std(d, ddof=1) <= 4 * np.finfo(float).eps * max(abs(a).max(), abs(b).max())
    if not constant:
        t = stats.ttest_rel(b, a)
        low, high = t.confidence_interval(0.95)
        out["t"] = {"t": number(t.statistic), "freedom": int(t.df), "p": number(t.pvalue), "interval": [number(low), number(high)]}
        out["dz"] = {"value": number(d.mean() / d.std(ddof=1)), "interval": dz_interval(float(t.statistic), n)}
    ks = stats.ks_2samp(a, b)
    out["ks"] = {"statistic": number(ks.statistic), "p": number(ks.pvalue)}
    return out


a, b = paired(30)
rounded = np.round(a, 2), np.round(b, 2)
cases = [
    case("1 pair", [0.8], [0.9]),
    case("2 pairs", [0.8, 0.7], [0.9, 0.85]),
    case("2 pairs that go apart", [0.8, 0.7], [0.9, 0.65]),
    case("3 pairs", *paired(3)),
    case("5 pairs", *paired(5)),
    case("5 pairs, all up", [0.5, 0.6, 0.7, 0.8, 0.9], [0.51, 0.63, 0.76, 0.88, 0.99]),
    case("13 pairs", *paired(13)),
    case("25 pairs", *paired(25)),
    case("25 pairs without an effect", *paired(25, 0)),
    case("50 pairs", *paired(50)),
    case("51 pairs", *paired(51)),
    case("60 pairs", *paired(60)),
    case("60 pairs, a large effect", *paired(60, 0.5, 0.01)),
    case("400 pairs", *paired(400, 0.004)),
    case("30 pairs of two decimals: ties and zeros", *rounded),
    case("8 pairs with a zero", [1, 2, 3, 4, 5, 6, 7, 8], [1, 3.5, 2.25, 8, 7, 5.75, 10, 8.5]),
    case("8 pairs with ties", [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 2, 6, 7, 7, 10, 13]),
    case("60 pairs with ties and zeros", np.arange(60) % 7, np.arange(60) % 5),
    case("zeros but for one", [1, 2, 3, 4], [1, 2, 3, 4.5]),
    case("all equal", [0.5, 0.6, 0.7], [0.5, 0.6, 0.7]),
    case("a constant difference, exact", [1, 2, 3, 4], [1.5, 2.5, 3.5, 4.5]),
    case("a constant difference, rounded", [0.1, 0.7, 0.31, 0.9], np.array([0.1, 0.7, 0.31, 0.9]) + 0.1),
    case("volumes in mm3", random.normal(8000, 900, 12), random.normal(7900, 900, 12)),
]


def two(name, a, b):
    ks = stats.ks_2samp(a, b)
    return {"name": name, "a": list(map(float, a)), "b": list(map(float, b)), "statistic": float(ks.statistic), "p": float(ks.pvalue)}


unpaired = [
    two("1 and 1", [1], [2]),
    two("3 and 7", dice(3), dice(7)),
    two("40 and 25", dice(40), dice(25) - 0.1),
    two("100 and 90, far apart", dice(100), dice(90) - 0.6),
    two("ties", np.arange(30) % 4, np.arange(20) % 5),
    two("300 and 280", dice(300), dice(280)),
]
ts = [
    {"t": t, "freedom": f, "p": 2 * stats.t.sf(t, f), "critical": stats.t.ppf(0.975, f)}
    for f in [1, 2, 3, 9, 30, 99, 999]
    for t in [1e-8, 0.01, 0.5, 2, 7, 40]
]
normal = [{"z": z, "p": stats.norm.sf(z)} for z in [-5, -1, 0, 1e-9, 0.3, 1, 2.4, 2.5, 2.6, 4, 8, 20, 37]]
nct = [{"t": t, "freedom": f, "shift": s, "p": noncentral(t, f, s)} for f in [1, 2, 10, 99] for t in [-1.5, 0.3, 4, 30] for s in [-2, 0.5, 5, 28]]

made = {"made by": f"scipy {scipy.__version__}, numpy {np.__version__}", "paired": cases, "unpaired": unpaired, "t": ts, "normal": normal, "noncentral t": nct}
Path(__file__).with_suffix(".json").write_text(json.dumps(made) + "\n")
