"""A small study made by hand: every kind of row that a report has to tell.

Three scales of four items at five sites. Be'er Sheva has 3 people, Kampala 12, Pune none. Texts
are hostile or in other scripts, some statistics could not be had, and a comparison of known
groups has 4 people on one side at Ulm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

SITES = {
    "ulm": ("Ulm", ("de_DE",), 47),
    "hamburg": ("Hamburg", ("de_DE",), 40),
    "pune": ("पुणे", ("hi_IN", "en_IN"), 0),
    "beer_sheva": ("באר שבע", ("he_IL",), 3),
    "kampala": ("Kampala <img src=x onerror=alert(2)>", ("lg_UG",), 12),
}
NO_SITE = 9
SCALES = {
    "training": ("Training", ("training_1", "training_2", "training_3", "training_4")),
    "role_clarity": ("Role clarity & scope", ("role_1", "role_2", "role_3", "role_4")),
    "staff_attitudes": ("Staff attitudes", ("staff_1", "staff_2", "staff_3", "staff_4")),
}
TEXTS = {
    "training_1": "Staff here are trained for work with peer support workers.",
    "training_2": "GAD-7: האם אתה מרגיש לחוץ (ציון 0-3)?",
    "training_3": "मैं शायद ही कभी चिंता करता हूँ",
    "training_4": "Costs between $5 and $6 <script>alert('item')</script>",
    "role_1": '=HYPERLINK("http://example.org")',
}
OPTIONS = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
NAN = float("nan")
FEW = "It needs at least 10 complete answers; there are {n}."
DIFFER = ("ulm", "hamburg")
POOLED = (("within", None), ("total", None), ("meta", None))


@dataclass(frozen=True)
class FakeStudy:
    """What a report needs of a study."""

    instrument: Any
    tables: dict[str, pd.DataFrame]
    findings: tuple[Any, ...] = ()
    simulated: bool = False
    level: float = 0.95
    n_boot: int = 2000
    seed: int = 1
    sizes: Mapping[str, int] = field(default_factory=dict)


def make_instrument(texts: Mapping[str, str] | None = None) -> SimpleNamespace:
    """Return a definition with the attributes a report reads."""
    words = {**TEXTS, **(texts or {})}
    keys = [key for _, items in SCALES.values() for key in items]
    options = tuple(
        SimpleNamespace(key=f"option_{code}", code=code, text=text)
        for code, text in enumerate(OPTIONS, 1)
    )
    items = {
        key: SimpleNamespace(
            key=key,
            text=words.get(key, f"Statement {key}."),
            keyed=-1 if key == "staff_2" else 1,
            response_set="agreement5",
        )
        for key in keys
    }
    scales = {
        key: SimpleNamespace(key=key, title=title, items=members, measurement="reflective")
        for key, (title, members) in SCALES.items()
    }
    sites = {
        key: SimpleNamespace(id=key, name=name, locales=locales)
        for key, (name, locales, _) in SITES.items()
    }
    return SimpleNamespace(
        id="fixture",
        version="1.0",
        title="Fixture of influences <b>on</b> peer support",
        construct="Influences on implementing peer support work",
        citation="Nobody (2020).",
        licence="CC0",
        provenance="Made up for tests.",
        items=items,
        scales=scales,
        higher_order={},
        sites=sites,
        response_sets={"agreement5": SimpleNamespace(key="agreement5", options=options)},
        comparators={"readiness": SimpleNamespace(key="readiness", text="Readiness rating")},
    )


def make_study(
    *,
    sizes: Mapping[str, int] | None = None,
    simulated: bool = False,
    texts: Mapping[str, str] | None = None,
) -> FakeStudy:
    """Return the study; `sizes` replaces numbers of people at sites."""
    people = {key: size for key, (_, _, size) in SITES.items()} | dict(sizes or {})
    rng = np.random.default_rng(7)
    makers = {
        "quality": quality,
        "quality_items": quality_items,
        "quality_patterns": quality_patterns,
        "quality_scales": quality_scales,
        "sample": sample,
        "findings": findings,
        "missing": missing,
        "items": items_frame,
        "responses": responses,
        "reliability": reliability,
        "reliability_differences": reliability_differences,
        "unidimensionality": unidimensionality,
        "group_means": group_means,
        "retest": retest,
        "fit": fit,
        "factorability": factorability,
        "convergent": convergent,
        "htmt": htmt,
        "discriminant": discriminant,
        "distinctness": distinctness,
        "cross_loadings": cross_loadings,
        "hypotheses": hypotheses,
        "known_groups": known_groups,
        "formative": formative,
        "claims": claims,
        "invariance": invariance,
        "invariance_parameters": invariance_parameters,
        "invariance_effects": invariance_effects,
        "latent_means": latent_means,
        "alignment": alignment,
        "congruence": congruence,
        "comparability": comparability,
        "cosmin": cosmin,
        "papers": papers,
        "multitrait": multitrait,
        "multitrait_items": multitrait_items,
        "settings": settings,
    }
    tables = {name: pd.DataFrame(make(people, rng)) for name, make in makers.items()}
    study = FakeStudy(make_instrument(texts), tables, sizes=people)
    return replace(study, simulated=simulated)


def places(people: Mapping[str, int], pooled: Any = POOLED) -> Iterator[tuple[str, Any, int]]:
    """Yield pooling, group and number of people of every row."""
    in_sites = sum(people.values())
    for pooling, group in pooled:
        yield pooling, group, in_sites + (NO_SITE if pooling == "total" else 0)
    for site, size in people.items():
        yield "site", site, size


def estimate(rng: np.random.Generator, n: int, low: float, high: float) -> dict[str, Any]:
    """Return an estimate with its interval, or the reason why there is none."""
    base = {"level": 0.95, "n_obs": n, "method": "ML", "reason": ""}
    if n < 10:
        gone = {"estimate": NAN, "low": NAN, "high": NAN, "method": ""}
        return base | gone | {"reason": FEW.format(n=n)}
    value, half = rng.uniform(low, high), 1.5 / np.sqrt(n)
    return base | {"estimate": value, "low": value - half, "high": min(value + half / 2, 1.0)}


def sample(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for pooling, group, n in places(people, (("total", None),)):
        partial = n // 10
        yield {
            "group": group, "pooling": pooling, "n_rows": n, "n_complete": n - partial,
            "n_partial": partial, "n_empty": 0, "missing_share": 0.0312 if n else NAN,
            "structural_share": 0.011 if n else NAN,
        }  # fmt: skip


def missing(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Everybody answered something; a tenth left something out."""
    for model in ("correlated_factors", *SCALES):
        for pooling, group, n in places(people, POOLED[:2]):
            partial, known = n // 10, n > 30
            values = {"estimate": 0.61, "width": 0.2, "estimate_listwise": 0.6,
                      "width_listwise": 0.22, "little_chi2": 31.0, "little_df": 30.0,
                      "little_p": 0.414}  # fmt: skip
            yield {
                "model": model, "group": group, "pooling": pooling, "n_rows": n, "n_empty": 0,
                "n_obs": n, "n_complete": n - partial, "lost": partial / n if n else NAN,
                "missing_share": 0.0312 if n else NAN, "structural_share": 0.011 if n else NAN,
                "n_patterns": min(partial + 1, n), "scarcest_pair": n - partial,
                "statistic": "mean_factor_correlation" if "_factors" in model else "omega_total",
                **(values if known else dict.fromkeys(values, NAN)), "level": 0.95,
                "treatment": "fiml" if partial else "nothing_missing",
                "assumption": "missing_at_random" if partial else "",
                "reason": "" if known else FEW.format(n=n),
            }  # fmt: skip


def quality(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Seven straight-liners at Ulm, two at Hamburg, one of no site; nobody without an answer."""
    marked = {"ulm": min(7, people["ulm"]), "hamburg": min(2, people["hamburg"])}
    for flag in ("no_answers", "straight_line"):
        for pooling, group, n in places(people, (("total", None),)):
            count = (
                marked.get(group, 0)
                if pooling == "site"
                else sum(marked.values()) + min(1, NO_SITE)
            )
            count = count if flag == "straight_line" else 0
            yield {
                "flag": flag, "group": group, "pooling": pooling, "count": count, "n_rows": n,
                "share": count / n if n else NAN, "rule": "one answer in a row <b>8</b> times",
            }  # fmt: skip


def quality_items(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for _, members in SCALES.values():
        for item in members:
            for pooling, group, n in places(people, (("total", None),)):
                lost = n // 8 if item == "role_1" else 0
                yield {
                    "item": item, "group": group, "pooling": pooling, "n_rows": n,
                    "n_answered": n - lost, "n_missing": lost, "n_structural": 0,
                    "share_missing": lost / n if n else NAN, "n_categories": 5.0,
                    "n_used": min(n, 5), "rarest_count": n // 12,
                    "most_used_share": 0.3 if n else NAN,
                }  # fmt: skip


def quality_patterns(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    every = max(sum(people.values()) + NO_SITE, 15)
    for missing, count in (("", every - 15), ("role_1", 9), ("role_1, role_2", 4), ("staff_1", 2)):
        gone = len(missing.split(", ")) if missing else 0
        yield {"missing": missing, "n_missing": gone, "count": count, "share": count / every}


def quality_scales(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale in SCALES:
        for pooling, group, n in places(people, (("total", None),)):
            share = 0.25 if n else NAN
            yield {
                "scale": scale, "group": group, "pooling": pooling, "n_scored": n,
                "lowest_possible": 1.0, "highest_possible": 5.0, "floor": share,
                "floor_low": share - 0.1, "floor_high": share + 0.1, "ceiling": 0.0 * share,
                "ceiling_low": 0.0 * share, "ceiling_high": share, "level": 0.95,
                "method": "Wilson interval",
            }  # fmt: skip


def findings(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    made = (
        ("no_site", "answers.csv", f"{NO_SITE} rows have no site.", NO_SITE),
        ("empty_site", "site", "Nobody answered at pune, which the definition lists.", None),
        ("small_site", "site", "beer_sheva has very few rows.", people["beer_sheva"]),
        ("impossible_code", "training_1 <script>", "2 cells have an impossible code.", 2),
    )
    for code, where, message, count in made:
        yield {
            "code": code, "severity": "warning", "where": where, "message": message,
            "count": count,
        }  # fmt: skip


def items_frame(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale, (_, members) in SCALES.items():
        for pooling, group, n in places(people, POOLED[:2]):
            for item in members:
                there = n > 0
                yield {
                    "scale": scale, "group": group, "pooling": pooling, "item": item,
                    "keyed": -1 if item == "staff_2" else 1, "n_obs": n, "missing": 0.02,
                    "mean": rng.uniform(2, 4) if there else NAN,
                    "sd": rng.uniform(0.8, 1.3) if there else NAN,
                    "skew": rng.uniform(-1, 1) if there else NAN, "floor": 0.05, "ceiling": 0.2,
                    "item_rest": rng.uniform(0.2, 0.7) if n > 9 else NAN,
                    "alpha_if_deleted": rng.uniform(0.6, 0.8) if n > 9 else NAN,
                    "omega_if_deleted": rng.uniform(0.6, 0.8) if n > 30 else NAN,
                    "omega_reason": "" if n > 30 else FEW.format(n=n),
                    "n_scale": n, "n_omega": n, "method": "",
                    "reason": "" if n > 9 else FEW.format(n=n),
                }  # fmt: skip


def responses(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for _, members in SCALES.values():
        for item in members:
            counts = {
                site: rng.multinomial(n, [0.08, 0.17, 0.25, 0.3, 0.2]) for site, n in people.items()
            }
            total = sum(counts.values()) + rng.multinomial(NO_SITE, [0.2] * 5)
            for pooling, group, n in places(people, (("total", None),)):
                found = total if pooling == "total" else counts[group]
                for code, size in enumerate(found, 1):
                    yield {
                        "item": item, "group": group, "pooling": pooling, "code": code,
                        "option": f"option_{code}", "count": int(size),
                        "share": size / n if n else NAN, "n_obs": n,
                    }  # fmt: skip


def reliability(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale in SCALES:
        for coefficient in ("alpha", "omega_total"):
            for pooling, group, n in places(people):
                size = n - 8 if (scale, group) == ("role_clarity", "kampala") else n
                meta = pooling == "meta"
                yield {"scale": scale, "group": group, "pooling": pooling} | {
                    "coefficient": coefficient, **estimate(rng, size, 0.6, 0.85), "n_items": 4,
                    "tau2": 0.01 if meta else NAN, "i2": 0.42 if meta else NAN,
                    "prediction_low": 0.5 if meta else NAN,
                    "prediction_high": 0.9 if meta else NAN,
                }  # fmt: skip


def reliability_differences(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Ulm and Hamburg differ in training; other pairs don't, or have no estimate."""
    able = {site: n for site, n in people.items() if n >= 10}
    empty = dict.fromkeys(
        (
            "estimate_a",
            "estimate_b",
            "difference",
            "low",
            "high",
            "df2",
            "p_adjusted",
            "n_a",
            "n_b",
        ),
        NAN,
    )
    for scale in SCALES:
        for coefficient in ("alpha", "omega_total"):
            common = {"scale": scale, "coefficient": coefficient, "level": 0.95, "reason": ""}
            yield {**common, **empty, "comparison": "all", "group_a": None, "group_b": None} | {
                "statistic": 9.1, "df": len(able) - 1.0, "n_obs": sum(able.values()),
                "p_value": 0.0105 if scale == "training" else 0.31, "n_groups": len(able),
                "method": "Hakstian-Whalen test",
            }  # fmt: skip
            for a, b in combinations(people, 2):
                there, differ = a in able and b in able, (scale, a, b) == ("training", *DIFFER)
                row = {
                    **common, **empty, "comparison": "pair", "group_a": a, "group_b": b,
                    "statistic": NAN, "df": NAN, "p_value": NAN, "n_groups": 2, "method": "",
                    "n_obs": people[a] + people[b], "n_a": people[a], "n_b": people[b],
                }  # fmt: skip
                if there:
                    row |= {
                        "estimate_a": 0.8, "estimate_b": 0.7, "difference": 0.1, "low": -0.1,
                        "high": 0.3, "statistic": 1.5, "df": 40.0, "df2": 38.0, "method": "Feldt F",
                        "p_value": 0.001 if differ else 0.4, "p_adjusted": 0.01 if differ else 1.0,
                    }  # fmt: skip
                yield row | {"reason": "" if there else FEW.format(n=min(people[a], people[b]))}


def unidimensionality(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    numbers = {
        "chi2": 4.2, "df": 2, "p_value": 0.12, "cfi": 0.981, "tli": 0.96, "rmsea": 0.061,
        "rmsea_low": 0.0, "rmsea_high": 0.12, "srmr": 0.031,
    }  # fmt: skip
    for scale, (_, members) in SCALES.items():
        for pooling, group, n in places(people, POOLED[:2]):
            good = n > 30
            values = numbers if good else dict.fromkeys(numbers, NAN)
            yield {"scale": scale, "group": group, "pooling": pooling, **values} | {
                "alpha": rng.uniform(0.6, 0.9) if n > 9 else NAN,
                "ecv": rng.uniform(0.7, 1.0) if n > 9 else NAN, "n_obs": n,
                "n_items": len(members), "method": "one-factor ML, complete rows",
                "reason": "" if good else FEW.format(n=n),
            }  # fmt: skip


def group_means(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale, (_, members) in SCALES.items():
        for statistic in ("icc1", "icc2", "r_wg"):
            for pooling, group, n in places(people, POOLED[:2]):
                yield {"scale": scale, "group": group, "pooling": pooling} | {
                    "statistic": statistic, **estimate(rng, n, 0.1, 0.8), "n_clusters": n // 5,
                    "mean_size": 5.0, "n_items": len(members),
                }  # fmt: skip


def retest(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    shown = (
        ("icc", "ICC(2,1)"),
        ("standard_error_of_measurement", "agreement"),
        ("smallest_detectable_change", "agreement, individual"),
        ("lower_limit", ""),
    )
    for scale in SCALES:
        for statistic, model in shown:
            for pooling, group, n in places(people, (("total", None), ("meta", None))):
                row = estimate(rng, n, 0.3, 0.9)
                row["n_targets"] = row.pop("n_obs")
                yield {
                    "scale": scale, "statistic": statistic, "model": model, "rater_a": "1",
                    "rater_b": "2", "group": group, "pooling": pooling, "n_raters": 2, **row,
                }  # fmt: skip


def fit(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    numbers = {
        "chi2": 85.306, "df": 51, "p_value": 1e-4, "cfi": 0.931, "tli": 0.896, "rmsea": 0.092,
        "rmsea_low": 0.071, "rmsea_high": 0.114, "srmr": 0.065, "aic": 7517.49, "bic": 7595.34,
    }  # fmt: skip
    for pooling, group, n in places(people, POOLED[:2]):
        good = n > 30
        values = numbers if good else dict.fromkeys(numbers, NAN)
        yield {"model": "correlated_factors", "group": group, "pooling": pooling} | {
            **values, "n_obs": n, "n_parameters": 27, "converged": good,
            "method": "ML, complete rows", "reason": "" if good else FEW.format(n=n),
        }  # fmt: skip


def factorability(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for pooling, group, n in places(people, (("total", None),)):
        yield {
            "group": group, "pooling": pooling, "kmo": 0.81 if n > 9 else NAN,
            "bartlett_chi2": 912.3 if n > 9 else NAN, "bartlett_df": 66, "bartlett_p": 1e-9,
            "n_obs": n, "method": "KMO", "reason": "" if n > 9 else FEW.format(n=n),
        }  # fmt: skip


def convergent(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale, (_, members) in SCALES.items():
        wanted = [("loading", item, None) for item in members]
        wanted += [("ave", None, None), ("composite_reliability", None, None)]
        wanted += [("correlation", None, "readiness")]
        for statistic, item, comparator in wanted:
            for pooling, group, n in places(people):
                yield {"scale": scale, "group": group, "pooling": pooling} | {
                    "statistic": statistic, "item": item, "comparator": comparator,
                    **estimate(rng, n, 0.3, 0.8),
                }  # fmt: skip


def multitrait(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale in SCALES:
        for pooling, group, n in places(people, POOLED[:2]):
            there = n > 9
            yield {
                "scale": scale, "group": group, "pooling": pooling, "n_items": 4,
                "own_lowest": 0.41 if there else NAN, "own_highest": 0.62 if there else NAN,
                "other_lowest": -0.05 if there else NAN, "other_highest": 0.3 if there else NAN,
                "n_convergent": 4 if there else 0, "convergent_success": 1.0 if there else NAN,
                "n_tests": 8 if there else 0, "definite_success": 5 if there else 0,
                "probable_success": 2 if there else 0, "probable_error": 1 if there else 0,
                "definite_error": 0, "scaling_success": 0.875 if there else NAN,
                "definite_scaling_success": 0.625 if there else NAN, "n_obs": n,
                "method": "pairwise", "reason": "" if there else FEW.format(n=n),
            }  # fmt: skip


def multitrait_items(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    for scale, (_, members) in SCALES.items():
        for item in members:
            for other in SCALES:
                own = other == scale
                for pooling, group, n in places(people, POOLED[:2]):
                    given = estimate(rng, n, 0.4 if own else -0.1, 0.7 if own else 0.3)
                    outcome = "convergent" if own else "definite_success"
                    yield {
                        "scale": scale, "item": item, "other": None if own else other,
                        "group": group, "pooling": pooling, "own": own, **given,
                        "difference": NAN if own or n < 10 else 0.3,
                        "outcome": outcome if n > 9 else "unavailable",
                    }  # fmt: skip


def pairs() -> list[tuple[str, str]]:
    names = list(SCALES)
    return [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]


def htmt(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for a, b in pairs():
        for variant in ("htmt", "htmt2"):
            for pooling, group, n in places(people):
                found = estimate(rng, n, 0.3, 0.95)
                yield {"scale_a": a, "scale_b": b, "group": group, "pooling": pooling} | {
                    "variant": variant, **found,
                }  # fmt: skip


def discriminant(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for a, b in pairs():
        for pooling, group, n in places(people):
            found = estimate(rng, n, 0.3, 0.9)
            there = not found["reason"]
            value = found.pop("estimate")
            yield {"scale_a": a, "scale_b": b, "group": group, "pooling": pooling} | {
                "correlation": value, **found, "class_": "none" if there else "unavailable",
                "htmt": value, "htmt_low": found["low"], "htmt_high": found["high"],
                "htmt2": value, "htmt2_low": found["low"], "htmt2_high": found["high"],
                "chi2_difference": 66.92 if there else NAN, "df_difference": 1 if there else NAN,
                "p_value": 1e-12 if there else NAN, "cutoff": 0.9, "ave_a": 0.5, "ave_b": 0.5,
                "shared_variance": 0.3, "fornell_larcker": True,
            }  # fmt: skip


def distinctness(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for a, b in pairs():
        for pooling, group, n in places(people):
            for statistic in ("correlation", "htmt", "htmt2"):
                found = estimate(rng, n, 0.3, 0.9)
                for threshold in (0.85, 0.90):
                    decision = "distinct" if found["high"] < threshold else "undecided"
                    yield {"scale_a": a, "scale_b": b, "group": group, "pooling": pooling} | {
                        "statistic": statistic, **found, "threshold": threshold,
                        "decision": "unavailable" if found["reason"] else decision,
                    }  # fmt: skip


def cross_loadings(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """One item stands out, and only at Ulm and Hamburg there are people enough for the model."""
    for scale, (_, members) in SCALES.items():
        for item in members:
            for other in (name for name in SCALES if name != scale):
                for pooling, group, n in places(people, POOLED[:2]):
                    there = n > 30
                    stands_out = (item, other) == ("role_1", "training")
                    yield {"scale": scale, "item": item, "other": other, "group": group} | {
                        "pooling": pooling, "loading": 0.6 if there else NAN,
                        "structure": 0.3 if there else NAN,
                        "epc": (-0.45 if stands_out else 0.1) if there else NAN,
                        "mi": (18.2 if stands_out else 1.1) if there else NAN,
                        "p_value": (2e-5 if stands_out else 0.29) if there else NAN, "n_obs": n,
                        "method": "score test" if there else "",
                        "reason": "" if there else FEW.format(n=n),
                    }  # fmt: skip


def hypotheses(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for scale in SCALES:
        for pooling, group, n in places(people):
            found = estimate(rng, n, 0.2, 0.6)
            yield {"hypothesis": f"{scale}_readiness", "scale": scale} | {
                "comparator": "readiness", "kind": "convergent", "direction": "positive",
                "minimum": 0.3, "maximum": NAN, "group": group, "pooling": pooling, **found,
                "verdict": "unavailable" if found["reason"] else "undecided",
            }  # fmt: skip


def known_groups(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    higher = {site: (min(4, size) if site == "ulm" else size // 2) for site, size in people.items()}
    for pooling, group, n in places(people, POOLED[:2]):
        above = sum(higher.values()) if group is None else higher[group]
        found = estimate(rng, n, 0.1, 0.7)
        found.pop("n_obs")
        yield {"comparison": "role", "scale": "training", "variable": "role"} | {
            "higher": "peer", "lower": "other", "group": group, "pooling": pooling, **found,
            "n_higher": above, "n_lower": n - above, "minimum_d": 0.2,
            "verdict": "unavailable" if found["reason"] else "undecided",
        }  # fmt: skip


def claims(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    in_sites = sum(people.values())
    verdicts = ("supported", "not_supported", "undecided", "supported", "unavailable")
    subjects = [("internal_consistency", scale, "omega_070", 0.7) for scale in SCALES]
    subjects += [("convergent", scale, "ave_050", 0.5) for scale in SCALES]
    subjects += [("discriminant", f"{a}|{b}", "latent_correlation_090", 0.9) for a, b in pairs()]
    subjects += [("structure", "correlated_factors", "srmr_008", 0.08)]
    subjects += [("hypotheses", "", "hypotheses_075", 0.75)]
    for at, (name, subject, criterion, threshold) in enumerate(subjects):
        verdict = verdicts[at % len(verdicts)]
        there = verdict != "unavailable"
        yield {
            "property": name, "subject": subject, "pooling": "within", "verdict": verdict,
            "estimate": 0.81 if there else NAN, "low": 0.78 if there else NAN,
            "high": 0.84 if there else NAN, "threshold": threshold, "criterion": criterion,
            "n_obs": in_sites, "sites_supported": 2, "sites_not_supported": 0,
            "sites_undecided": 1, "sites_unavailable": 2,
            "reason": "" if there else "The model did not converge.",
        }  # fmt: skip


def formative(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for item in SCALES["training"][1]:
        for pooling, group, n in places(people, POOLED[:2]):
            yield {"scale": "training", "group": group, "pooling": pooling} | {
                "statistic": "vif", "item": item, "comparator": None, **estimate(rng, n, 1.1, 3.0),
            }  # fmt: skip


def groups_of(people: Mapping[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every site that has people, with what rows about groups begin with."""
    for site, n in people.items():
        if n:
            yield site, {"grouping": "site", "model": "correlated_factors", "group": site,
                         "pooling": "site", "n_obs": n, "method": "ML", "reason": ""}  # fmt: skip


def invariance(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for at, level in enumerate(("configural", "metric", "scalar", "strict")):
        change = dict.fromkeys(("delta_cfi", "delta_rmsea", "delta_srmr"), 0.002 if at else NAN)
        yield {"grouping": "site", "model": "correlated_factors", "level": level, "group": None,
               "pooling": "total", "chi2": 60.0 + 9 * at, "df": 48.0 + 9 * at, "p_value": 0.2,
               "cfi": 0.96, "rmsea": 0.05, "srmr": 0.06, "delta_chi2": 9.0 if at else NAN,
               "delta_df": 9.0 if at else NAN, "delta_p": 0.4 if at else NAN, **change,
               "permutation_p": NAN, "critical_cfi": NAN, "critical_rmsea": NAN,
               "critical_srmr": NAN, "n_samples": NAN, "n_failed": NAN, "cutoff_cfi": -0.01,
               "cutoff_rmsea": 0.015, "cutoff_srmr": 0.03, "cutoffs": "chen_2007_large",
               "t_rmsea": 0.1, "equivalence": "fair",
               "verdict": "no_difference_found" if at else "base", "n_groups": 3,
               "n_obs": people["ulm"] + people["hamburg"] + people["kampala"], "n_left_out": 4,
               "method": "ML", "explanation": "", "reason": ""}  # fmt: skip


def invariance_parameters(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    for site, about in groups_of(people):
        for item in ("training_1", "training_4"):
            odd = site == "hamburg" and item == "training_4"
            yield about | {"level": "scalar", "scale": "training", "item": item,
                           "parameter": "intercept", "chi2": 20.0 if odd else 1.0, "df": 1.0,
                           "epc": 0.6 if odd else 0.1, "p_value": 0.01, "freed": odd, "flag": odd,
                           "p_adjusted": 0.01 if odd else 1.0, "adjusted_by": "holm"}  # fmt: skip


def invariance_effects(
    people: Mapping[str, int], rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    for site, about in groups_of(people):
        for item in ("training_1", "training_4", None):
            odd = 0.0 if site != "hamburg" or item == "training_1" else 0.5
            yield about | {"scale": "training", "item": item, "reference": "ulm", "dmacs": odd,
                           "signed": odd, "bias": odd, "low": odd, "high": odd, "level": 0.95,
                           "n_items": 1 if item else 4}  # fmt: skip


def latent_means(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for _, about in groups_of(people):
        for scale in SCALES:
            yield about | {"scale": scale, "statistic": "partial_scalar", "estimate": 0.2,
                           "low": -0.1, "high": 0.5, "level": 0.95}  # fmt: skip


def alignment(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    whole = {"grouping": "site", "model": "correlated_factors", "method": "ML", "reason": ""}
    for site, about in groups_of(people):
        for statistic in ("loading", "intercept"):
            for item in ("training_1", "training_4"):
                odd = site == "hamburg" and item == "training_4"
                yield about | {"scale": "training", "statistic": statistic, "item": item,
                               "estimate": 1.0, "se": 0.1, "low": 0.8, "high": 1.2,
                               "average": 1.0, "different": odd, "level": 0.95,
                               "explanation": ""}  # fmt: skip
    for statistic in ("r2_loadings", "r2_intercepts", "share_different", "recovery"):
        yield whole | {"scale": "training", "statistic": statistic, "item": None, "group": None,
                       "pooling": "total", "estimate": 0.9, "se": NAN, "low": NAN, "high": NAN,
                       "average": NAN, "different": False, "level": 0.95,
                       "explanation": "Told.", "n_obs": 87}  # fmt: skip


def congruence(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for site, about in groups_of(people):
        yield about | {"scale": "training", "group": None, "pooling": "pair", "group_a": site,
                       "group_b": "within", "estimate": 0.97, "low": 0.9, "high": 0.99,
                       "level": 0.95, "n_a": about["n_obs"], "n_b": 102, "n_items": 4}  # fmt: skip


def comparability(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    empty = {"group_a": None, "group_b": None, "items": "", "bias": NAN, "low": NAN, "high": NAN,
             "n_items": 4, "n_equal": 4, "reference": "ulm", "explanation": "Told."}  # fmt: skip
    whole = {"grouping": "site", "model": "correlated_factors", "method": "ML", "reason": ""}
    for scale in SCALES:
        for site, about in groups_of(people):
            odd = site == "hamburg" and scale == "training"
            few = about["n_obs"] < 30
            found = "unavailable" if few else "means_partial" if odd else "means"
            reason = FEW.format(n=about["n_obs"]) if few else ""
            yield about | empty | {
                "scale": scale, "may_compare": found, "reason": reason,
                "items": "training_4" if odd else "", "bias": 0.12 if odd else NAN,
                "low": 0.02 if odd else NAN, "high": 0.22 if odd else NAN,
            }  # fmt: skip
        yield whole | empty | {"scale": scale, "group": None, "pooling": "total",
                               "may_compare": "means", "n_obs": 87}  # fmt: skip
        yield whole | empty | {"scale": scale, "group": None, "pooling": "pair",
                               "group_a": "ulm", "group_b": "kampala", "may_compare": "means",
                               "n_obs": 59}  # fmt: skip


def cosmin(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Alpha of every scale, and content validity as a person rated it."""
    empty = {"direction": "at_least", "threshold": 0.7, "n_items": 4.0, "sample": "",
             "risk_of_bias": "", "by": "", "date": "", "source": "prinsen_2018", "note": "",
             "index": "alpha", "carried_by": "alpha"}  # fmt: skip
    for scale in SCALES:
        for pooling, group, n in places(people, POOLED[:2]):
            found = estimate(rng, n, 0.6, 0.85)
            met = None if found["reason"] else bool(found["estimate"] >= 0.7)
            yield {"property": "internal_consistency", "subject": scale, "group": group} | {
                **empty, "pooling": pooling, "rating": {None: "?", True: "+", False: "-"}[met],
                "met": met, **found, "quality": "" if met is None else "high",
                "quality_is": "" if met is None else "upper_limit", "basis": "data",
            }  # fmt: skip
    yield {"property": "content_validity", "subject": "", "group": None, "pooling": "total"} | {
        **empty, "rating": "+", "met": None, "estimate": NAN, "low": NAN, "high": NAN,
        "n_obs": NAN, "threshold": NAN, "direction": "", "index": "", "carried_by": "",
        "quality": "", "quality_is": "", "basis": "people", "by": "rater <i>1</i>",
        "date": "2026-11-02", "reason": "", "note": "Interviews & a panel.",
    }  # fmt: skip


def papers(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    common = {"domain": "psychometric", "by": "", "date": "", "source": "lewis_2021", "note": ""}
    for pooling, group, n in places(people, POOLED[:2]):
        found = estimate(rng, n, 0.6, 0.85)
        yield {"criterion": "internal_consistency", "subject": "training"} | {
            **common, "group": group, "pooling": pooling, **found,
            "score": NAN if found["reason"] else 2.0, "basis": "data",
        }  # fmt: skip
    yield {"criterion": "cost", "subject": "", "group": None, "pooling": "total"} | {
        **common, "domain": "pragmatic", "score": NAN, "estimate": NAN, "n_obs": NAN,
        "basis": "nobody", "reason": "Nobody has scored it, and these answers can not.",
    }  # fmt: skip


def settings(people: Mapping[str, int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    values = {"seed": 1, "n_boot": 2000, "level": 0.95, "definition_hash": "abc", "numpy": "2.0"}
    for name, value in values.items():
        yield {"name": name, "value": str(value)}
