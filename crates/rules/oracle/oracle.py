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
import calendar
import json
import sys
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

# The group of a denial, by reason; any other reason is CO in network and PI out of it.
OWED_BY_PATIENT = frozenset({26, 27, 31, 32, 35, 51, 96, 149, 177, 179, 200, 204, 238})
OWED_BY_OTHERS = frozenset({18, 22, 23, 109})
U64 = 2**64

# 42 CFR 424.44(b), and of these the ones that start with money taken back.
FILING_GROUNDS = ["administrative_error", "retroactive_entitlement", "medicaid_recoupment", "advantage_disenrolment"]
RECOUPMENTS = {"medicaid_recoupment", "advantage_disenrolment"}
# Modifiers that tell two services apart (NCCI Policy Manual, chapter I.E): anatomy, global surgery, others.
DISTINCT = frozenset(
    "E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LT RT LC LD RC LM RI "
    "24 25 57 58 78 79 27 59 91 XE XS XP XU".split()
)
# What the member's document says of the person and passes on as it is.
PERSONAL = ("known_as", "dependent", "birth_date", "death_date", "sex", "lapses", "requirements_met", "other_payer_first",
            "pre_existing", "authorizations", "discharges")


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


def window(document, start, end):
    return day(document.get(start), date.min), day(document.get(end), date.max)


def six_months_after(when):
    year, month = when.year + (when.month + 5) // 12, (when.month + 5) % 12 + 1
    return date(year, month, min(when.day, calendar.monthrange(year, month)[1]))


def last_of_month(when):
    return when.replace(day=calendar.monthrange(when.year, when.month)[1])


def span(entry):
    """The days of a service. The history keeps at most 255 further days; what goes on for so long is taken to go on all year."""
    first, last = entry["date"], entry["until"]
    return first, date(first.year, 12, 31) if (last - first).days >= 255 else last


def completed_years(birth, when):
    return max(when.year - birth.year - ((when.month, when.day) < (birth.month, birth.day)), 0)


def unlike(one, other):
    """Whether both say who did it, and say differently."""
    return one is not None and other is not None and one != other


class Plan:
    """A plan document with everything defaulted."""

    def __init__(self, document):
        self.doc = fields(
            document, "",
            currency="USD", cost_share_order="deductible_first", deductible={}, copay=0, coinsurance_bps=0, tiers=None,
            recognised_bps=10_000, out_of_pocket_max={}, annual_max=None, lifetime_max=None, categories={},
            filing_limit_days=365, waiting_days=0, coordination="standard", out_of_network="deny", benefits=[],
            payer=None, dependents=None, requirements=[], spanning="rebill", filing_exceptions=FILING_GROUNDS,
            information=[], attachments=[], diagnoses=None, pre_existing_days=0, authorization_grace_days=0, bundles=[],
            multiple_procedure_bps=10_000,
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
                waiting_days=None, information=[], attachments=[], provider_types=None, places=None, diagnoses=None,
                ages=None, sexes=None, modifiers=None, modifiers_required=[], experimental=False, referral=False,
                units_per_day=None, multiple_procedure=False, readmission_days=None,
                effective_from=None, effective_to=None,
            )
            if benefit["code"] in self.benefits:
                raise Refused("repeated_code", f"benefits[{index}].code")
            self.benefits[benefit["code"]] = benefit
        self.bundles = [
            fields(entry, f"bundles[{index}]", column_one=Required, column_two=Required, indicator=Required, reason=236,
                   effective_from=None, effective_to=None)
            for index, entry in enumerate(self.doc["bundles"])
        ]

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
            known_as=[], dependent=None, birth_date=None, death_date=None, sex=None, lapses=[], requirements_met=[],
            other_payer_first=[], pre_existing=[], authorizations=None, discharges=[],
        )
        self.written = document or {}
        self.given = doc
        self.covered = (day(doc["covered_from"], date.min), day(doc["covered_to"], date.max))
        outside = fields(doc["out_of_network"], "out_of_network", deductible_used={}, out_of_pocket_used={})
        self.used = defaultdict(int)
        for network, source in (("in", doc), ("out", outside)):
            for kind in ("deductible", "out_of_pocket"):
                stated = source[f"{kind}_used"]
                self.used[network, kind, "individual"] = stated.get("individual", 0)
                # Nothing said of the family: it has used what its member has.
                self.used[network, kind, "family"] = stated.get("family", 0) or stated.get("individual", 0)
        self.used["annual",] = doc["annual_used"]
        self.used["lifetime",] = doc["lifetime_used"]
        self.used["tier",] = doc["tier_used"]
        for name, amount in doc["category_used"].items():
            self.used["category", name] = amount
        self.live = [self.entry(entry, index) for index, entry in enumerate(doc["history"])]
        self.born, self.died = day(doc["birth_date"]), day(doc["death_date"])
        self.lapses = [window(entry, "from", "to") for entry in doc["lapses"]]
        self.granted = None
        if doc["authorizations"] is not None:
            self.granted = [self.grant(entry, index) for index, entry in enumerate(doc["authorizations"])]

    @staticmethod
    def grant(document, index):
        entry = fields(document, f"authorizations[{index}]", number=Required, code=None, provider=None, requested=None,
                       units=None, used=0, refused=False, **{"from": None, "to": None})
        return {**entry, "window": window(entry, "from", "to"), "asked": day(entry["requested"], date.min)}

    @staticmethod
    def entry(document, index):
        entry = fields(document, f"history[{index}]", code=Required, service_date=Required, provider=None,
                       modifiers=[], sequence=0, units=1, service_to=None)
        first = day(entry["service_date"])
        return {**entry, "date": first, "until": max(day(entry["service_to"], first), first), "modifiers": sorted(entry["modifiers"]), "own": False}

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
        after |= {name: self.written[name] for name in PERSONAL if name in self.written}
        if self.granted is not None:
            after["authorizations"] = [
                {**entry, "used": grant["used"]} for entry, grant in zip(self.written["authorizations"], self.granted)
            ]
        if plan.outside:
            after["out_of_network"] = {
                "deductible_used": pair("out", "deductible"),
                "out_of_pocket_used": pair("out", "out_of_pocket"),
            }
        return after

    @staticmethod
    def printed(entry):
        out = {"code": entry["code"], "service_date": entry["date"].isoformat()}
        if entry["until"] != entry["date"]:
            out["service_to"] = entry["until"].isoformat()
        for name, default in (("provider", None), ("modifiers", []), ("sequence", 0), ("units", 1)):
            if entry[name] != default:
                out[name] = entry[name]
        return out


class Adjudication:
    """One claim under one plan."""

    def __init__(self, plan, claim, member):
        self.plan, self.member = plan, member
        doc = fields(claim, "", service_date=None, submitted=None, in_network=True, provider=None, lines=[],
                     payer=None, insured=None, provider_type=None, provider_eligible=True, referral=None,
                     filing_exception=None, information=[], attachments=[], place=None, diagnoses=[])
        self.doc = doc
        if not doc["lines"]:
            raise Refused("no_lines", "lines")
        self.provider = doc["provider"]
        self.network = "in" if doc["in_network"] else "out"
        self.terms = plan.inside if doc["in_network"] else plan.outside
        self.lines = [self.line(doc, entry, index) for index, entry in enumerate(doc["lines"])]
        self.submitted = day(doc["submitted"], max(line["until"] for line in self.lines))
        for line in self.lines:
            if line["date"].year != self.lines[0]["date"].year:
                raise Refused("spans_two_periods", f"{line['at']}.service_date")
            if line["units"] < 1:
                raise Refused("no_units", f"{line['at']}.units")
            other = line["other_payer"]
            if other and not other["paid"] <= other["allowed"] <= other["obligated"] <= line["charge"]:
                raise Refused("other_payer", f"{line['at']}.other_payer")
        for line in self.lines:
            if line["until"].year != line["date"].year and line["until"] > line["date"]:
                raise Refused("spans_two_periods", f"{line['at']}.service_date")
        # (category, date) of which a line of this claim has taken the copay.
        self.copaid = set()
        # The reason and the remark of each line that has been decided, by number; None for a line let through.
        self.verdict = {}
        self.deciding = set()
        # The numbers of lines denied for nothing but an attachment.
        self.lacking = set()

    @staticmethod
    def line(claim, document, index):
        at = f"lines[{index}]"
        line = fields(document, at, code=Required, units=1, charge=Required, service_date=None, authorization=None,
                      balance_billing_prohibited=False, other_payer=None, modifiers=[], sequence=0,
                      service_to=None, place=None, diagnoses=None, information=[], attachments=[], review=None)
        text = line["service_date"] or claim["service_date"]
        if text is None:
            raise Refused("missing_field", f"{at}.service_date")
        other = line["other_payer"]
        if other is not None:
            other = fields(other, f"{at}.other_payer", allowed=Required, paid=Required, obligated=None)
            if other["obligated"] is None:
                other["obligated"] = other["allowed"]
        own = {
            "place": line["place"] or claim["place"],
            "diagnoses": claim["diagnoses"] if line["diagnoses"] is None else line["diagnoses"],
            "information": {*claim["information"], *line["information"]},
            "attachments": {*claim["attachments"], *line["attachments"]},
            "until": max(day(line["service_to"], date.min), day(text)),
        }
        return {**line, **own, "number": index + 1, "date": day(text), "modifiers": sorted(line["modifiers"]), "at": at,
                "other_payer": other}

    def result(self):
        by_number = {}
        in_turn = sorted(self.lines, key=self.turn)
        for line in in_turn:
            self.decide(line)
        for line in in_turn:
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

    @staticmethod
    def turn(line):
        return line["date"], line["number"]

    def decide(self, line):
        """Decides a line, and first those that stand in column one of a pair with it."""
        number = line["number"]
        if number in self.verdict or number in self.deciding:
            return
        self.deciding.add(number)
        for other in sorted(self.lines, key=self.turn):
            if any(self.is_second(pair, line, other) for pair in self.plan.bundles):
                self.decide(other)
        self.verdict[number] = next(self.failures(line), None)
        # Whether another gate fails too is asked now: what else is let through later on is of no account.
        if self.verdict[number] is not None and self.verdict[number][0] == 252:
            if all(reason == 252 for reason, _ in self.failures(line)):
                self.lacking.add(number)

    def passed(self, but):
        """The other lines of this claim that have been let through so far."""
        return [line for line in self.lines
                if line["number"] in self.verdict and self.verdict[line["number"]] is None and line is not but]

    def failures(self, line):
        """The reasons to deny a line with their remarks, in the order of domain.md B1."""
        benefit = self.plan.benefits.get(line["code"])
        for reason in self.failures_of_header(line, benefit or {}):
            yield reason if isinstance(reason, tuple) else (reason, None)
        if benefit is None:
            yield 204, None
        for reason in self.failures_of_line(line, benefit):
            yield reason if isinstance(reason, tuple) else (reason, None)

    def failures_of_header(self, line, benefit):
        plan, member, claim = self.plan.doc, self.member, self.doc
        person = member.given
        began, ended = member.covered
        first, last = line["date"], line["until"]
        age = completed_years(member.born, first) if member.born else None

        # 1
        if plan["payer"] and claim["payer"] and plan["payer"] != claim["payer"]:
            yield 109
        if person["known_as"] and claim["insured"] and claim["insured"] not in person["known_as"]:
            yield 31
        oldest = None
        if person["dependent"] and plan["dependents"] is not None:
            if person["dependent"] not in plan["dependents"]:
                yield 32
            oldest = plan["dependents"].get(person["dependent"], {}).get("to_age")
            if oldest is not None and age is not None and age > oldest:
                yield 32
        # 2
        if last < began:
            yield 26
        if first > ended:
            yield 27
        if any(start <= first and last <= end for start, end in member.lapses):
            yield 200
        if first < began or last > ended or any(first <= end and start <= last for start, end in member.lapses):
            yield 239 if plan["spanning"] == "rebill" else 238
        if member.died and last > member.died:
            yield 13
        if member.born and first < member.born:
            yield 14
        if set(plan["requirements"]) - set(person["requirements_met"]):
            yield 177
        # 3
        if last > self.submitted:
            yield 110
        if self.late(first) and not self.excused(first):
            yield 29
        # 4
        for need in plan["information"] + benefit.get("information", []):
            if need["name"] not in line["information"]:
                yield 16, need["remark"]
        limits = {name for name in ("diagnoses", "ages", "sexes", "provider_types", "places") if benefit.get(name) is not None}
        if (plan["diagnoses"] is not None or "diagnoses" in limits) and not line["diagnoses"]:
            yield 16, "M76"
        if (oldest is not None or "ages" in limits) and age is None:
            yield 16, "N329"
        if "sexes" in limits and person["sex"] is None:
            yield 16, "MA39"
        if "provider_types" in limits and claim["provider_type"] is None:
            yield 16, "N255"
        if "places" in limits and line["place"] is None:
            yield 16, "M77"
        for need in plan["attachments"] + benefit.get("attachments", []):
            if need["name"] not in line["attachments"]:
                yield 252, need["remark"]
        if not claim["provider_eligible"]:
            yield 185
        if "provider_types" in limits and claim["provider_type"] not in benefit["provider_types"]:
            yield 8
        if "places" in limits and line["place"] not in benefit["places"]:
            yield 5
        # 5
        own = [self.as_entry(other) for other in self.passed(line) if self.turn(other) < self.turn(line)]
        if any(self.same(line, entry) for entry in self.member.live + own):
            yield 18
        # 6
        if line["other_payer"] is None and any(
            start <= first <= end for start, end in (window(w, "from", "to") for w in person["other_payer_first"])
        ):
            yield 22

    def late(self, served):
        """Whether the claim came too long after the service."""
        return (self.submitted - served).days > self.plan.doc["filing_limit_days"]

    def prior_unpaid(self, line):
        """Whether another payer comes first on the line's day and is said to have paid nothing of it."""
        other = line["other_payer"]
        return other is not None and other["paid"] == 0 and any(
            start <= line["date"] <= end
            for start, end in (window(w, "from", "to") for w in self.member.given["other_payer_first"])
        )

    def excused(self, served):
        """Whether one of the exceptions of 42 CFR 424.44(b) lets a late claim in."""
        exception = self.doc["filing_exception"]
        if exception is None or exception["ground"] not in self.plan.doc["filing_exceptions"]:
            return False
        notice = day(exception["notified"])
        if exception["ground"] in RECOUPMENTS and notice < six_months_after(served):
            return False
        return notice <= self.submitted <= last_of_month(six_months_after(notice))

    def failures_of_line(self, line, benefit):
        plan, person = self.plan.doc, self.member.given
        when, began = line["date"], self.member.covered[0]
        stated = line["diagnoses"]
        # 7
        start, end = window(benefit, "effective_from", "effective_to")
        if not start <= when <= end:
            yield 181
        if plan["diagnoses"] is not None:
            valid = {}
            for entry in plan["diagnoses"]:
                start, end = window(entry, "effective_from", "effective_to")
                if start <= when <= end:
                    valid.setdefault(entry["code"], entry.get("covered", True))
            if any(code not in valid for code in stated):
                yield 146
            if not any(valid[code] for code in stated):
                yield 167
        if benefit["diagnoses"] is not None and not set(stated) & set(benefit["diagnoses"]):
            yield 11
        if benefit["ages"] is not None:
            youngest, oldest = benefit["ages"].get("from") or 0, benefit["ages"].get("to")
            age = completed_years(self.member.born, when)
            if age < youngest or (oldest is not None and age > oldest):
                yield 6
        if benefit["sexes"] is not None and person["sex"] not in benefit["sexes"]:
            yield 7
        if benefit["modifiers"] is not None and set(line["modifiers"]) - set(benefit["modifiers"]):
            yield 4
        if benefit["modifiers_required"] and not set(line["modifiers"]) & set(benefit["modifiers_required"]):
            yield 4
        # 8
        if not benefit["covered"]:
            yield 204 if benefit["remark"] is None else (96, benefit["remark"])
        if benefit["experimental"]:
            yield 55
        if line["review"] == "not_necessary":
            yield 50
        if (when - began).days < plan["pre_existing_days"] and stated and set(stated) <= set(person["pre_existing"]):
            yield 51
        # 9
        waiting = plan["waiting_days"] if benefit["waiting_days"] is None else benefit["waiting_days"]
        if (when - began).days < waiting:
            yield 179
        # 10
        yield from self.failures_of_authorization(line, benefit)
        if benefit["referral"] and self.doc["referral"] is None:
            yield 243
        if self.terms is None:
            yield 242
        # 11
        if benefit["frequency_days"] is not None:
            before = [e["date"] for e in self.member.live if e["code"] == line["code"] and e["date"] <= when]
            before += [other["date"] for other in self.passed(line)
                       if other["code"] == line["code"] and self.turn(other) < self.turn(line)]
            if before and (when - max(before)).days < benefit["frequency_days"]:
                yield 151
        if benefit["max_units"] is not None and line["units"] > benefit["max_units"]:
            yield 151
        beside = [entry for entry in self.member.live + [self.as_entry(other) for other in self.passed(line)]
                  if entry["date"] == when and not unlike(entry["provider"], self.provider)]
        likely = benefit["units_per_day"]
        if likely is not None and not (likely["indicator"] == 3 and line["review"] == "confirmed"):
            units = line["units"]
            if likely["indicator"] != 1:
                units += sum(entry["units"] for entry in beside if entry["code"] == line["code"])
            if units > likely["max"]:
                yield 151
        for reason in (236, 97, 234, 231):
            if any(pair["reason"] == reason and self.is_second(pair, line, entry)
                   for pair in self.plan.bundles for entry in beside):
                yield reason
        if line["review"] == "level_unsupported":
            yield 150
        if benefit["readmission_days"] is not None and any(
            0 <= (when - day(left["date"])).days < benefit["readmission_days"]
            and not unlike(left.get("provider"), self.provider)
            for left in person["discharges"]
        ):
            yield 249

    def failures_of_authorization(self, line, benefit):
        if not benefit["authorization"]:
            return
        if line["authorization"] is None:
            yield 197
        if self.member.granted is None:
            return
        grant = self.grant_of(line)
        if grant is None:
            yield 15
        taken = grant["used"] + sum(other["units"] for other in self.passed(line) if self.grant_of(other) is grant)
        if grant["units"] is not None and taken + line["units"] > grant["units"]:
            yield 198
        start, end = grant["window"]
        if (grant["code"] not in (None, line["code"]) or unlike(grant["provider"], self.provider)
                or line["date"] < start or line["until"] > end):
            yield 15
        if (grant["asked"] - line["date"]).days > self.plan.doc["authorization_grace_days"]:
            yield 210
        if grant["refused"]:
            yield 39

    def grant_of(self, line):
        """The authorization that a line cites for a benefit that needs one: of several that for its code, or for any."""
        benefit = self.plan.benefits.get(line["code"])
        if self.member.granted is None or benefit is None or not benefit["authorization"]:
            return None
        cited = [grant for grant in self.member.granted if grant["number"] == line["authorization"]]
        return min(cited, key=lambda grant: [line["code"], None].index(grant["code"]) if grant["code"] in (line["code"], None)
                   else 2, default=None)

    @staticmethod
    def is_second(pair, line, other):
        """Whether `line` is not paid beside `other`, which is a line or a live entry of the same provider."""
        start, end = window(pair, "effective_from", "effective_to")
        told_apart = DISTINCT & {*line["modifiers"], *other["modifiers"]}
        return (
            (pair["column_one"], pair["column_two"]) == (other["code"], line["code"])
            and other["date"] == line["date"] and start <= line["date"] <= end
            and (pair["indicator"] == 0 or (pair["indicator"] == 1 and not told_apart))
        )

    def as_entry(self, line):
        counts = self.plan.benefits[line["code"]]["units_per_day"] is not None
        return {"code": line["code"], "date": line["date"], "until": line["until"], "provider": self.provider, "modifiers": line["modifiers"],
                "sequence": line["sequence"], "own": True, "units": line["units"] if counts else 1}

    def same(self, line, entry):
        """Whether a live line is this very service. Who did it decides only where both say."""
        return not unlike(self.provider, entry["provider"]) and all(
            line[part] == entry[part] for part in ("code", "date", "modifiers", "sequence")
        )

    def doubtful(self, line):
        """Whether another claim has a line of this provider with the same or overlapping days (domain.md B3)."""
        first, last = span(line)
        return self.provider is not None and any(
            not entry["own"] and entry["provider"] == self.provider and span(entry)[0] <= last and first <= span(entry)[1]
            for entry in self.member.live
        )

    # --- one line ----------------------------------------------------------------------------------------------

    def adjudicate(self, line):
        reason, remark = self.verdict[line["number"]] or (None, None)
        out = {"line": line["number"], "code": line["code"], "charge": line["charge"], "allowed": 0, "adjustments": [],
               "paid": 0, "patient": 0, "denied": reason is not None}
        if reason is not None:
            out["adjustments"] = self.denied(line, reason)
        if line["number"] in self.lacking:
            out["attachment_missing"] = True
        if reason is None or line["number"] in self.lacking:
            if self.doubtful(line):
                out["suspect"] = True
            if self.prior_unpaid(line):
                out["prior_unpaid"] = True
            if self.late(line["date"]):
                # Else it were denied.
                out["late_excused"] = True
        if reason is None:
            self.priced(line, self.plan.benefits[line["code"]], out)
            grant = self.grant_of(line)
            if grant is not None:
                grant["used"] += line["units"]
            self.member.live.append(self.as_entry(line))
        out["adjustments"] = [
            {"group": group, "reason": code, "amount": amount, **({"remark": remark} if remark and code == reason else {})}
            for group, code, amount in out["adjustments"] if amount
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
        allowed, reduced = min(charge, benefit["allowed"] * line["units"]), 0
        if any(self.outranks(rival, line) for rival in self.passed(line)):
            # CMS, Claims Processing Manual 12, 40.6: the lower of the actual charge and the fee reduced by the percentage.
            fee = benefit["allowed"] * line["units"] * bps(self.plan.doc["multiple_procedure_bps"])
            whole, allowed = allowed, min(charge, rounded(fee))
            reduced = whole - allowed
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
            beyond, prior = (whose, charge - allowed - reduced), 0
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
            beyond, prior, reduced = ("CO", room), charge - rest, 0
        paid, excess = self.capped(benefit["category"], pays)
        out["allowed"], out["paid"] = allowed, paid
        out["adjustments"] = [
            (beyond[0], 45, beyond[1]), (beyond[0], 59, reduced), ("PR", 122, owes[122]), ("PR", 1, owes[1]), ("PR", 3, owes[3]),
            ("PR", 2, owes[2]), ("OA", 23, prior), ("PR", 119, excess[119]), ("PR", 149, excess[149]),
        ]
        self.member.spend(self.network, "deductible", toward_deductible)
        self.member.spend(self.network, "out_of_pocket", owes[1] + owes[2] + owes[3])
        self.member.used["tier",] += tiered
        for key in (("annual",), ("lifetime",), ("category", benefit["category"])):
            self.member.used[key] += paid

    def outranks(self, rival, line):
        """Whether a line reduces another: both of the kind that is, of one day, and the rival's fee higher or first."""
        theirs, ours = self.plan.benefits[rival["code"]], self.plan.benefits[line["code"]]
        if not theirs["multiple_procedure"] or not ours["multiple_procedure"] or rival["date"] != line["date"]:
            return False
        return (-theirs["allowed"], rival["number"]) < (-ours["allowed"], line["number"])

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
