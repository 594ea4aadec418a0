#!/usr/bin/env python3
"""A second opinion on a claim.

An adjudicator of its own, written from the rulings and not from the Rust rulebook, in another language and with
another arithmetic (exact fractions): where the two disagree, one of them has misread the rulings.

    oracle.py --plan PLAN.json --claim CLAIM.json [--member MEMBER.json]     one result
    oracle.py                                                                one request per line of standard input

A request is {"plan": ..., "claim": ..., "member": ...}; an answer is a result, or {"error": {"code", "at"}}.
Python 3.11, standard library only.
"""

import argparse
import json
import sys
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

# The group of a denial, by reason; any other reason is CO in network and PI out of it.
OWED_BY_PATIENT = frozenset({26, 27, 31, 32, 35, 51, 96, 149, 177, 179, 200, 204, 238})
OWED_BY_OTHERS = frozenset({18, 22, 23, 109})
U64 = 2**64


class Refused(Exception):
    """The claim cannot be adjudicated as it stands."""

    def __init__(self, code, at):
        super().__init__(code)
        self.code, self.at = code, at


def rounded(exact):
    """Whole cents, a tie upwards."""
    return int((exact + Fraction(1, 2)).__floor__())


def bps(points):
    return Fraction(points, 10_000)


def least(*figures):
    """The smallest of the figures that exist, or None."""
    return min((f for f in figures if f is not None), default=None)


def fields(document, at, **defaults):
    """The document with its defaults; refuses fields that are not among them."""
    if not isinstance(document, dict):
        raise Refused("wrong_type", at)
    for name in document:
        if name not in defaults:
            raise Refused("unknown_field", f"{at}.{name}".lstrip("."))
    for name, default in defaults.items():
        if default is Required and name not in document:
            raise Refused("missing_field", f"{at}.{name}".lstrip("."))
    return {**defaults, **document}


class Required:
    """Marks a field without a default."""


def day(text, otherwise=None):
    return otherwise if text is None else date.fromisoformat(text)


class Plan:
    """A plan document with everything defaulted."""

    def __init__(self, document):
        self.doc = fields(
            document, "",
            currency="USD", cost_share_order="deductible_first", deductible={}, copay=0, coinsurance_bps=0, tiers=None,
            recognised_bps=10_000, out_of_pocket_max={}, annual_max=None, lifetime_max=None, categories={},
            filing_limit_days=365, waiting_days=0, coordination="standard", out_of_network="deny", benefits=[],
        )
        self.inside = self.terms(self.doc, self.doc["tiers"])
        outside = self.doc["out_of_network"]
        self.outside = None
        if outside != "deny":
            outside = fields(outside, "out_of_network", coinsurance_bps=0, deductible={}, out_of_pocket_max={})
            self.outside = self.terms(outside, None)
        self.benefits = {}
        for index, entry in enumerate(self.doc["benefits"]):
            benefit = fields(
                entry, f"benefits[{index}]",
                code=Required, allowed=Required, covered=True, remark=None, category=None, deductible_applies=None,
                copay=None, coinsurance_bps=None, authorization=False, frequency_days=None, max_units=None,
                waiting_days=None,
            )
            if benefit["code"] in self.benefits:
                raise Refused("repeated_code", f"benefits[{index}].code")
            self.benefits[benefit["code"]] = benefit

    @staticmethod
    def terms(source, tiers):
        return {
            "coinsurance": source["coinsurance_bps"],
            "tiers": tiers or None,
            "deductible": fields(source["deductible"], "deductible", individual=0, family=None),
            "ceiling": fields(source["out_of_pocket_max"], "out_of_pocket_max", individual=None, family=None),
        }


class Member:
    """What the member has used. Keys of `used` are tuples; those of cost sharing start with "in" or "out"."""

    def __init__(self, document):
        doc = fields(
            document or {}, "",
            covered_from=None, covered_to=None, deductible_used={}, out_of_pocket_used={}, annual_used=0,
            lifetime_used=0, tier_used=0, category_used={}, history=[], out_of_network={},
        )
        self.given = doc
        self.covered = (day(doc["covered_from"], date.min), day(doc["covered_to"], date.max))
        outside = fields(doc["out_of_network"], "out_of_network", deductible_used={}, out_of_pocket_used={})
        self.used = defaultdict(int)
        for network, source in (("in", doc), ("out", outside)):
            for kind in ("deductible", "out_of_pocket"):
                for who in ("individual", "family"):
                    self.used[network, kind, who] = source[f"{kind}_used"].get(who, 0)
        self.used["annual",] = doc["annual_used"]
        self.used["lifetime",] = doc["lifetime_used"]
        self.used["tier",] = doc["tier_used"]
        for name, amount in doc["category_used"].items():
            self.used["category", name] = amount
        self.live = [self.entry(entry, index) for index, entry in enumerate(doc["history"])]

    @staticmethod
    def entry(document, index):
        entry = fields(document, f"history[{index}]", code=Required, service_date=Required, provider=None,
                       modifiers=[], sequence=0)
        return {**entry, "date": day(entry["service_date"]), "modifiers": sorted(entry["modifiers"]), "own": False}

    def spend(self, network, kind, amount):
        for who in ("individual", "family"):
            self.used[network, kind, who] += amount

    def left(self, network, kind, limits):
        """The smaller of what is left of the figures that exist, or None."""
        return least(*(
            max(limits[who] - self.used[network, kind, who], 0)
            for who in ("individual", "family") if limits[who] is not None
        ))

    def document(self, plan):
        def pair(network, kind):
            return {who: self.used[network, kind, who] for who in ("individual", "family")}

        names = set(self.given["category_used"])
        names |= {name for name in plan.doc["categories"] if self.used["category", name]}
        after = {
            "covered_from": self.given["covered_from"],
            "covered_to": self.given["covered_to"],
            "deductible_used": pair("in", "deductible"),
            "out_of_pocket_used": pair("in", "out_of_pocket"),
            "annual_used": self.used["annual",],
            "lifetime_used": self.used["lifetime",],
            "tier_used": self.used["tier",],
            "category_used": {name: self.used["category", name] for name in sorted(names)},
            "history": [self.printed(entry) for entry in self.live],
        }
        if plan.outside:
            after["out_of_network"] = {
                "deductible_used": pair("out", "deductible"),
                "out_of_pocket_used": pair("out", "out_of_pocket"),
            }
        return after

    @staticmethod
    def printed(entry):
        out = {"code": entry["code"], "service_date": entry["date"].isoformat()}
        for name, default in (("provider", None), ("modifiers", []), ("sequence", 0)):
            if entry[name] != default:
                out[name] = entry[name]
        return out


class Adjudication:
    """One claim under one plan."""

    def __init__(self, plan, claim, member):
        self.plan, self.member = plan, member
        doc = fields(claim, "", service_date=None, submitted=None, in_network=True, provider=None, lines=[])
        if not doc["lines"]:
            raise Refused("no_lines", "lines")
        self.provider = doc["provider"]
        self.network = "in" if doc["in_network"] else "out"
        self.terms = plan.inside if doc["in_network"] else plan.outside
        self.lines = [self.line(doc, entry, index) for index, entry in enumerate(doc["lines"])]
        self.submitted = day(doc["submitted"], max(line["date"] for line in self.lines))
        for line in self.lines:
            if line["date"].year != self.lines[0]["date"].year:
                raise Refused("spans_two_periods", f"{line['at']}.service_date")
            if line["units"] < 1:
                raise Refused("no_units", f"{line['at']}.units")
            other = line["other_payer"]
            if other and not other["paid"] <= other["allowed"] <= other["obligated"] <= line["charge"]:
                raise Refused("other_payer", f"{line['at']}.other_payer")
        # (category, date) of which a line of this claim has taken the copay.
        self.copaid = set()

    @staticmethod
    def line(claim, document, index):
        at = f"lines[{index}]"
        line = fields(document, at, code=Required, units=1, charge=Required, service_date=None, authorization=None,
                      balance_billing_prohibited=False, other_payer=None, modifiers=[], sequence=0)
        text = line["service_date"] or claim["service_date"]
        if text is None:
            raise Refused("missing_field", f"{at}.service_date")
        other = line["other_payer"]
        if other is not None:
            other = fields(other, f"{at}.other_payer", allowed=Required, paid=Required, obligated=None)
            if other["obligated"] is None:
                other["obligated"] = other["allowed"]
        return {**line, "number": index + 1, "date": day(text), "modifiers": sorted(line["modifiers"]), "at": at,
                "other_payer": other}

    def result(self):
        by_number = {}
        for line in sorted(self.lines, key=lambda line: (line["date"], line["number"])):
            by_number[line["number"]] = self.adjudicate(line)
        lines = [by_number[number] for number in sorted(by_number)]
        denied = [line.pop("denied") for line in lines]

        def total(*groups):
            return sum(a["amount"] for line in lines for a in line["adjustments"] if a["group"] in groups)

        return {
            "outcome": "denied" if all(denied) else "partial" if any(denied) else "complete",
            "lines": lines,
            "totals": {
                "charge": sum(line["charge"] for line in lines),
                "allowed": sum(line["allowed"] for line in lines),
                "paid": sum(line["paid"] for line in lines),
                "patient": total("PR"),
                "write_off": total("CO"),
                "other": total("OA", "PI"),
            },
            "member": self.member.document(self.plan),
        }

    # --- gates -------------------------------------------------------------------------------------------------

    def failures(self, line):
        """The reasons to deny a line, in the order of domain.md B1."""
        began, ended = self.member.covered
        when = line["date"]
        if when < began:
            yield 26
        if when > ended:
            yield 27
        age = (self.submitted - when).days
        if age < 0:
            yield 110
        if age > self.plan.doc["filing_limit_days"]:
            yield 29
        if any(self.same(line, entry) for entry in self.member.live):
            yield 18
        benefit = self.plan.benefits.get(line["code"])
        if benefit is None:
            yield 204
        if not benefit["covered"]:
            yield 204 if benefit["remark"] is None else 96
        waiting = benefit["waiting_days"]
        if waiting is None:
            waiting = self.plan.doc["waiting_days"]
        if (when - began).days < waiting:
            yield 179
        if benefit["authorization"] and line["authorization"] is None:
            yield 197
        if self.terms is None:
            yield 242
        if benefit["frequency_days"] is not None:
            before = [e["date"] for e in self.member.live if e["code"] == line["code"] and e["date"] <= when]
            if before and (when - max(before)).days < benefit["frequency_days"]:
                yield 151
        if benefit["max_units"] is not None and line["units"] > benefit["max_units"]:
            yield 151

    def same(self, line, entry):
        """Whether a live line is this very service. Who did it decides only where both say."""
        who = {self.provider, entry["provider"]} - {None}
        return len(who) < 2 and all(line[part] == entry[part] for part in ("code", "date", "modifiers", "sequence"))

    def doubtful(self, line):
        """Whether another claim has a line of this provider and day."""
        return self.provider is not None and any(
            not entry["own"] and entry["provider"] == self.provider and entry["date"] == line["date"]
            for entry in self.member.live
        )

    # --- one line ----------------------------------------------------------------------------------------------

    def adjudicate(self, line):
        reason = next(self.failures(line), None)
        out = {"line": line["number"], "code": line["code"], "charge": line["charge"], "allowed": 0, "adjustments": [],
               "paid": 0, "patient": 0, "denied": reason is not None}
        if reason is not None:
            out["adjustments"] = self.denied(line, reason)
        else:
            if self.doubtful(line):
                out["suspect"] = True
            self.priced(line, self.plan.benefits[line["code"]], out)
            self.member.live.append({
                "code": line["code"], "date": line["date"], "provider": self.provider, "modifiers": line["modifiers"],
                "sequence": line["sequence"], "own": True,
            })
        out["adjustments"] = [
            {"group": group, "reason": code, "amount": amount} for group, code, amount in out["adjustments"] if amount
        ]
        out["patient"] = sum(a["amount"] for a in out["adjustments"] if a["group"] == "PR")
        assert out["charge"] == out["paid"] + sum(a["amount"] for a in out["adjustments"]), out
        assert out["paid"] >= 0 and all(a["amount"] > 0 for a in out["adjustments"]), out
        return out

    def denied(self, line, reason):
        other = line["other_payer"]
        open_amount = other["obligated"] - other["paid"] if other else line["charge"]
        if reason in OWED_BY_PATIENT:
            group = "PR"
        elif reason in OWED_BY_OTHERS:
            group = "OA"
        else:
            group = "CO" if self.network == "in" else "PI"
        return [("OA", 23, line["charge"] - open_amount), (group, reason, open_amount)]

    def priced(self, line, benefit, out):
        charge, other = line["charge"], line["other_payer"]
        allowed = min(charge, benefit["allowed"] * line["units"])
        base = rounded(allowed * bps(self.plan.doc["recognised_bps"]))
        owes = {122: allowed - base}
        method = self.plan.doc["coordination"] if other else None
        if method == "maintenance_of_benefits":
            base, owes = max(min(allowed, other["obligated"]) - other["paid"], 0), {122: 0}
        plan_share, shares, tiered = self.shared(line, benefit, base)
        owes |= shares
        toward_deductible = owes[1]
        if other is None:
            whose = "CO" if self.network == "in" or line["balance_billing_prohibited"] else "PR"
            beyond, prior = (whose, charge - allowed), 0
            pays = plan_share
        else:
            rest = other["obligated"] - other["paid"]
            pays = min(rest, {
                "standard": lambda: plan_share,
                "carve_out": lambda: max(plan_share - other["paid"], 0),
                "medicare_secondary": lambda: min(plan_share, max(allowed, other["allowed"]) - other["paid"]),
                "maintenance_of_benefits": lambda: plan_share,
            }[method]())
            # What the patient can still be asked for is filled from the other end of the order of the cut.
            room = rest - pays
            for code in (1, 3, 2, 122):
                owes[code] = min(owes[code], room)
                room -= owes[code]
            beyond, prior = ("CO", room), charge - rest
        paid, excess = self.capped(benefit["category"], pays)
        out["allowed"], out["paid"] = allowed, paid
        out["adjustments"] = [
            (beyond[0], 45, beyond[1]), ("PR", 122, owes[122]), ("PR", 1, owes[1]), ("PR", 3, owes[3]),
            ("PR", 2, owes[2]), ("OA", 23, prior), ("PR", 119, excess[119]), ("PR", 149, excess[149]),
        ]
        self.member.spend(self.network, "deductible", toward_deductible)
        self.member.spend(self.network, "out_of_pocket", owes[1] + owes[2] + owes[3])
        self.member.used["tier",] += tiered
        for key in (("annual",), ("lifetime",), ("category", benefit["category"])):
            self.member.used[key] += paid

    def shared(self, line, benefit, base):
        """Steps 3 to 6: the plan's share, the patient's by reason, and what went through the tiers."""
        plan = self.plan.doc
        copay = plan["copay"] if benefit["copay"] is None else benefit["copay"]
        applies = benefit["deductible_applies"]
        if applies is None:
            applies = plan["cost_share_order"] == "deductible_first" or copay == 0
        visit = (benefit["category"], line["date"])
        most = {
            1: (self.member.left(self.network, "deductible", self.terms["deductible"]) or 0) if applies else 0,
            3: 0 if visit in self.copaid else copay,
        }
        owes, rest = {}, base
        for code in (1, 3) if plan["cost_share_order"] == "deductible_first" else (3, 1):
            owes[code] = min(most[code], rest)
            rest -= owes[code]
        if owes[3]:
            self.copaid.add(visit)

        tiered = 0
        if benefit["coinsurance_bps"] is not None:
            exact = rest * (1 - bps(benefit["coinsurance_bps"]))
        elif self.terms["tiers"]:
            tiered = rest
            used = self.member.used["tier",]
            exact = sum(
                overlap(used, used + rest, low, high) * (1 - bps(rate))
                for low, high, rate in bands(self.terms["tiers"])
            )
        else:
            exact = rest * (1 - bps(self.terms["coinsurance"]))
        share = rounded(Fraction(exact))
        owes[2] = rest - share

        ceiling = self.member.left(self.network, "out_of_pocket", self.terms["ceiling"])
        if ceiling is not None:
            over = max(sum(owes.values()) - ceiling, 0)
            for code in (2, 3, 1):
                moved = min(owes[code], over)
                owes[code] -= moved
                over -= moved
                share += moved
        return share, owes, tiered

    def capped(self, category, pays):
        """Step 8: what is paid, and what is above the maxima by reason."""
        plan, used, excess = self.plan.doc, self.member.used, {119: 0, 149: 0}
        own = fields(plan["categories"].get(category) or {"max": None}, "categories", max=Required, period="year")
        for figure, key, code in (
            (own["max"], ("category", category), 149 if own["period"] == "lifetime" else 119),
            (plan["annual_max"], ("annual",), 119),
            (plan["lifetime_max"], ("lifetime",), 149),
        ):
            if figure is not None:
                over = max(pays - max(figure - used[key], 0), 0)
                pays -= over
                excess[code] += over
        return pays, excess


def bands(tiers):
    """Tiers as (from, to, rate); the last one has no end."""
    low = 0
    for tier in tiers:
        high = tier["up_to"]
        yield low, high, tier["coinsurance_bps"]
        low = high


def overlap(start, end, low, high):
    return max(min(end, end if high is None else high) - max(start, low), 0)


def adjudicate(plan, claim, member):
    try:
        return Adjudication(Plan(plan), claim, Member(member)).result()
    except Refused as refused:
        return {"error": {"code": refused.code, "at": refused.at}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("plan", "claim", "member"):
        parser.add_argument(f"--{name}")
    args = parser.parse_args()
    if args.plan and args.claim:
        documents = []
        for path in (args.plan, args.claim, args.member):
            if path is None:
                documents.append(None)
            else:
                with open(path, encoding="utf-8") as file:
                    documents.append(json.load(file))
        print(json.dumps(adjudicate(*documents), indent=2))
        return
    for request in sys.stdin:
        request = json.loads(request)
        answer = adjudicate(request["plan"], request["claim"], request.get("member"))
        sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
