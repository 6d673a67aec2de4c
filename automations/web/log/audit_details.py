"""Entries of the audit whose sentence needs more than what was done to what: a number, a reason, a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from automations.engine.operators.value_types import counted
from automations.engine.wording.formats import joined
from automations.web.log.audit_changes import UNDONE
from automations.web.log.audit_words import counted_as, is_nothing, name_of, value_of


class Told(NamedTuple):
    """What an entry holds, and before and after as mappings too: empty if they are none."""

    action: str
    about: str
    before: Any
    after: Any
    old: Mapping[str, Any]
    new: Mapping[str, Any]


def _with_sentence(told: Told) -> str:
    """What was done, and what came of it as a sentence of its own."""
    return f"{told.action} {told.about}. {told.after}" if told.after else f"{told.action} {told.about}"


def _test(told: Told) -> str:
    done = f"sent a test with {told.about}"
    return f"{done}. {str(told.after).rstrip('.')}" if told.after else done


def _renamed(told: Told) -> str:
    return f"{told.action} {told.about} to “{told.after}”" if told.after else f"{told.action} {told.about}"


def _undid_renaming(told: Told) -> str:
    """Which renaming was taken back; the entry holds the way back."""
    about = f"account “{told.after}”" if told.about.startswith("account ") else told.about
    return f"{told.action} {about} to “{told.before}”"


def _sides(told: Told) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return before and after of a change; of one that was undone too, whose entry holds the way back."""
    return (told.new, told.old) if told.action == UNDONE else (told.old, told.new)


def _grouped(told: Told) -> str:
    if is_nothing(told.after):
        return f"took {told.about} out of the group “{told.before}”"
    if is_nothing(told.before):
        return f"put {told.about} into the group “{told.after}”"
    return f"moved {told.about} from the group “{told.before}” to “{told.after}”"


def _moved(told: Told) -> str:
    return f"{told.action} {told.about} {told.after or ''}".rstrip()


def _took_over(told: Told) -> str:
    return f"took over {told.about} from {told.before}" if told.before else f"took over {told.about}"


def _role(told: Told) -> str:
    return f"changed the role of {told.about} from {value_of(told.before)} to {value_of(told.after)}"


def _with_role(told: Told) -> str:
    return (
        f"{told.action} {told.about} as {told.new['role']}"
        if "role" in told.new
        else f"{told.action} {told.about}"
    )


def _of_run(told: Told) -> str:
    had = {"failed": ", which had failed", "unknown": ", which may have arrived"}
    done = {
        "tried again": "tried {} again",
        "tried now": "tried {} at once",
        "said it arrived": "said that {} arrived",
        "sent again": "sent {} again",
    }[told.action]
    before = had.get(str(told.old.get("state")), "")
    return done.format(told.about) + ("" if told.action == "said it arrived" else before)


def _key(told: Told) -> str:
    scopes = [_scope(one) for one in str(told.new.get("scope", "")).split()]
    may = f", which may {joined(scopes)}" if scopes else ""
    until = told.new.get("until")
    return f"created {told.about}{may}" + (f", until {until}" if until else "")


def _scope(scope: str) -> str:
    verb, _, of = ("write", "", scope.removesuffix(":write")) if scope.endswith(":write") else (scope, "", "")
    return f"{'change' if verb == 'write' else verb} {of or 'records'}".replace("_", " ")


def _kept_for(told: Told) -> str:
    what = {
        "nothing": "what no automation fired on",
        "unsent": "what fired without effect",
        "sent": "what was sent or done",
    }
    days = {name: tuple(_days(part.get(name)) for part in _sides(told)) for name in told.new}
    parts = [f"{what.get(name, name)} from {before} to {after}" for name, (before, after) in days.items()]
    return f"{told.action} {f'how long the log keeps {joined(parts)}' if parts else told.about}"


def _days(count: Any) -> str:
    return counted_as(count, "day") if count else "for ever"


def _shared(told: Told) -> str:
    if "shared" not in told.new:
        return f"{told.action} {told.about}"
    for_whom = "everyone in the store" if told.new["shared"] else "themselves"
    return f"{told.action} {told.about} for {for_whom}"


def _example(told: Told) -> str:
    named = told.new or told.old
    done, _, about = told.action.partition(" an example of")[0], "", told.about
    example, expected = f"the example “{named.get('example')}” of {about}", named.get("expected")
    if done != "changed":
        return f"{done} {example}" + (f", which {expected}" if expected else "")
    if expected:
        return f"changed {example} from “{told.old.get('expected')}” to “{expected}”"
    before, after = (value_of(part.get("note")) for part in (told.old, named))
    return f"changed the note of {example} from {before} to {after}"


def _published(told: Told) -> str:
    """What was published, as a sentence of its own, after what it was before."""
    done, after = f"{told.action} {told.about}", value_of(told.new["rule"]).rstrip(".")
    if is_nothing(told.old.get("rule")):
        return f"{done}: “{after}”"
    return f"{done}, from “{value_of(told.old['rule']).rstrip('.')}” to “{after}”"


def _hours(told: Told) -> str:
    quiet = "quiet hours of marketing"
    old, new = _sides(told)
    parts = [
        f"the {quiet if day == 'quiet' else f'hours of {day}'} from {old.get(day)} to {hours}"
        for day, hours in new.items()
    ]
    return f"{told.action} {joined(parts) if parts else told.about}"


def _with_conditions(told: Told) -> str:
    conditions = value_of(told.new["conditions"])
    said = "without conditions" if conditions == "none" else f"with the conditions {conditions}"
    return f"added {told.about} {said}"


def _fields(told: Told) -> str:
    connection, _, label = told.about.rpartition(": ")
    if isinstance(told.after, Mapping):
        many = {"order": "orders", "event": "events", "customer": "customers"}
        kind = many.get(str(told.after.get("subject")), "records")
        return f"chose that the messages of {connection} are {kind}"
    if is_nothing(told.after):
        return f"stopped filling {label} from “{told.before}” in the messages of {connection}"
    was = f", no longer from “{told.before}”" if told.before else ""
    return f"filled {label} from “{told.after}” in the messages of {connection}{was}"


def _words(told: Told) -> str:
    connection, mark, said = told.about.rpartition(": ")
    if not mark:
        return f"chose what words mean in {told.about}"
    where = f"the word “{said}” in the messages of {connection}"
    return f"let {where} mean {_target(told.after)}" + (
        f", no longer {_target(told.before)}" if told.before else ""
    )


def _target(target: Any) -> str:
    if is_nothing(target):
        return "nothing"
    name, _, value = str(target).partition("=")
    return f"the {name_of(name)} “{value.replace('_', ' ')}”" if value else f"“{name_of(name)}”"


def _hold(told: Told) -> str:
    if told.new.get("off"):
        return f"let {told.about} never be held. {told.new['off']}"
    limit, was = told.new.get("limit"), told.old.get("limit")
    if limit is None:
        return f"let {told.about} be held by its past" + (
            f", no longer after {was} firings in an hour" if was else ""
        )
    before = f", no longer after {was}" if was else ""
    return f"let {told.about} be held after {counted_as(limit, 'firing')} in an hour{before}"


def _held(told: Told) -> str:
    done = "cancelled" if told.action == "released none of" else told.action
    which = "the first of " if "which" in told.new else ""
    return f"{done} {which}{told.about}, {counted_as(told.new.get('firings', 0), 'firing')}"


def _by_hand(told: Told) -> str:
    records, fired = (told.new.get(name, 0) for name in ("records", "fired"))
    return (
        f"ran {told.about} by hand on {counted_as(records, 'record')}; it fired {counted_as(fired, 'time')}"
    )


def _shadow(told: Told) -> str:
    days = counted_as(told.new.get("days", 0), "day")
    if told.action.startswith("extended"):
        return f"extended the shadow mode of {told.about} by {days}"
    return f"started the shadow mode of {told.about} with version {told.new.get('version')} for {days}"


def _request(told: Told) -> str:
    which = f"the request of action {told.new.get('action')} of {told.about} on {told.new.get('on')}"
    return f"tried {which}, {told.new.get('method')} to {told.new.get('to')}"


def _set_aside(told: Told) -> str:
    examples = told.new.get("examples") or []
    many = counted_as(len(examples), "broken example")
    return (
        f"set {many} aside to publish {told.about}, because “{told.new.get('reason')}” ({joined(examples)})"
    )


def _about_conflict(told: Told) -> str:
    record, mark, name = told.about.rpartition(": ")
    return f"{told.action} the {name_of(name)} of {record}" if mark else f"{told.action} {told.about}"


def _import(told: Told) -> str:
    done = f"{told.action} {told.about}"
    if "rows" in told.new:
        return f"{done} with {counted_as(told.new['rows'], 'row')} of {told.new.get('kind')}"
    if "known" in told.new:
        fires = "with" if told.new.get("fires") else "without"
        return f"{done}{_taken(told.new)}, {fires} automations"
    return done


def _taken(new: Mapping[str, Any]) -> str:
    """Return what an import was to add and to change. Older entries of the audit have no figures."""
    leaves = new["known"] == "leave"
    if "to_add" not in new:
        return f", {'leaving' if leaves else 'changing'} what is known already"
    parts = [f"adding {counted(new['to_add'])}"] if new["to_add"] else []
    if new["to_change"]:
        known = counted(new["to_change"])
        parts.append(f"leaving {known} as they were" if leaves else f"changing {known}")
    return f", {' and '.join(parts)}" if parts else ""


def _asked_from(told: Told) -> str:
    where = f" from {told.new['from']}" if "from" in told.new else ""
    if told.action == "tried to sign in":
        return f"tried to sign in{where}, and {told.about}"
    return f"was asked for a new password of {told.about}{where}"


def _not_taken(told: Told) -> str:
    said = (
        f" from “{told.new.get('from')}”, which was of the type “{told.new.get('type')}”" if told.new else ""
    )
    return f"did not take a message about {told.about}{said}"


def _made(told: Told) -> str:
    values = [f"the {name_of(key)} {value}" for key, value in told.new.items() if key != "name" and value]
    return f"made {told.about}" + (f" with {joined(values)}" if values else "")


def _token(told: Told) -> str:
    parts = [f"{name_of(name)} “{value}”" for name, value in told.new.items() if value]
    return f"{told.action} {told.about}" + (f" with the {joined(parts)}" if parts else "")


def _link(told: Told) -> str:
    kind, _, rest = told.about.partition(" to ")
    email, _, outcome = rest.partition(": ")
    links = {"invitation": "the link of an invitation", "reset": "the link for a new password"}
    sent = f"sent {links.get(kind, 'a link')} to {email or told.about}"
    return f"{sent}. {outcome[:1].upper()}{outcome[1:].rstrip('.')}" if outcome else sent


def _parcel(told: Told) -> str:
    status = str(told.after or "").replace("_", " ")
    action = told.action if told.action.endswith(" about") else f"{told.action} about"
    return f"{action} {told.about}" + (f", that its status is {status}" if status else "")


#: The kinds by their action; what no entry names is told by audit_changes.
DETAILED: Mapping[str, Callable[[Told], str]] = {
    "sent a link": _link,
    "sent a test": _test,
    "sent a test of": _with_sentence,
    "paused": _with_sentence,
    "renamed": _renamed,
    "undid renaming": _undid_renaming,
    "grouped": _grouped,
    "moved": _moved,
    "took over": _took_over,
    "changed role": _role,
    "invited": _with_role,
    "tried again": _of_run,
    "tried now": _of_run,
    "said it arrived": _of_run,
    "sent again": _of_run,
    "pinned an example of": _example,
    "changed an example of": _example,
    "removed an example of": _example,
    "put back an example of": _example,
    "mapped fields of": _fields,
    "mapped words of": _words,
    "set when to hold": _hold,
    "ran by hand": _by_hand,
    "started shadow mode of": _shadow,
    "extended shadow mode of": _shadow,
    "tried a request of": _request,
    "set broken examples aside to publish": _set_aside,
    "decided against the shop about": _about_conflict,
    "decided for the shop about": _about_conflict,
    "uploaded": _import,
    "started": _import,
    "tried to sign in": _asked_from,
    "was asked for a new password": _asked_from,
    "did not take a message about": _not_taken,
    "made": _made,
    "gave an access token to": _token,
    "released none of": _held,
    "compared the draft of": lambda told: (
        f"compared the draft of {told.about} over {lowered(told.new.get('period'))}"
    ),
    "changed many": lambda told: f"changed many records at once, “{told.new.get('change')}”",
    "reprocessed messages from": lambda told: (
        f"reprocessed {counted_as(told.after, 'message')} from {told.about}"
    ),
    "tried": lambda told: (
        f"tried {told.about} on {told.new['on']}" if "on" in told.new else f"tried {told.about}"
    ),
}


def told_of(action: str, about: str, before: Any, after: Any) -> Told:
    """Return what an entry holds."""
    old, new = (value if isinstance(value, Mapping) else {} for value in (before, after))
    return Told(action, about, before, after, old, new)


def lowered(text: Any) -> str:
    """Return a text that begins a sentence as it stands inside one."""
    words = str(text or "the past")
    return words[:1].lower() + words[1:]


def special(told: Told) -> Callable[[Told], str] | None:
    """Return how a kind is told that is known by more than its action."""
    if told.action == "released" and "firings" in told.new:
        return _held
    if told.about.startswith("the API key") and told.action == "created":
        return _key
    if "rule" in told.new:
        return _published
    if told.about == "the working hours":
        return _hours
    if told.about == "how long the log is kept":
        return _kept_for
    if told.action == "added" and told.new.keys() == {"conditions"}:
        return _with_conditions
    if told.about.startswith("the filter “") and told.action != "renamed":
        return _shared
    if told.action == "added" and "role" in told.new:
        return _with_role
    if told.action.startswith("was told by "):
        return _parcel
    return DETAILED.get(told.action)
