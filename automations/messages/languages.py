"""The languages that people speak and that messages are written in, by their tags and names."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from automations.engine.fields.language_tags import language_tag, spoken

#: Languages with their countries, of a store or a customer.
COUNTRIES = (
    *("en-GB", "en-IE", "en-US", "en-CA", "en-AU", "en-NZ", "en-ZA", "en-IN", "en-SG", "cy-GB", "ga-IE"),
    *("de-DE", "de-AT", "de-CH", "de-LU", "fr-FR", "fr-BE", "fr-CA", "fr-CH", "fr-LU", "lb-LU"),
    *("es-ES", "es-MX", "ca-ES", "it-IT", "it-CH", "nl-NL", "nl-BE", "pt-PT", "pt-BR"),
    *("da-DK", "fi-FI", "is-IS", "nb-NO", "sv-SE", "et-EE", "lt-LT", "lv-LV"),
    *("bg-BG", "cs-CZ", "el-GR", "hr-HR", "hu-HU", "pl-PL", "ro-RO", "sk-SK", "sl-SI", "tr-TR", "uk-UA"),
    *("ja-JP", "ko-KR", "zh-CN", "zh-TW"),
)
_ALONE = (
    *("ar", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr"),
    *("ga", "gl", "he", "hi", "hr", "hu", "hy", "is", "it", "ja", "ka", "ko", "lb", "lt", "lv", "mk", "mt"),
    *("nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh"),
)


@lru_cache(maxsize=512)
def name_of(tag: str) -> str:
    """Return a language in English: "German", "German (Austria)"; the tag itself if nobody knows it."""
    language, _, country = tag.partition("-")
    try:
        locale, english = Locale.parse(language), Locale.parse("en")
    except (UnknownLocaleError, ValueError):
        return tag
    name = english.languages.get(locale.language, tag)
    return f"{name} ({english.territories.get(country, country)})" if country else str(name)


@lru_cache(maxsize=512)
def known_tag(text: str) -> str:
    """Return the tag of a language that is known, said as a tag or by its name; "" for any other text."""
    if not text.strip():
        # Nearly every time, and the names of all languages take half a second to read.
        return ""
    tag = language_tag(text)
    if tag and name_of(tag) != tag:
        return tag
    return _by_name().get(text.strip().casefold(), "")


def offered() -> list[tuple[str, str]]:
    """Return the languages that a form offers, by name, as (tag, name)."""
    return sorted(((tag, name_of(tag)) for tag in (*_ALONE, *COUNTRIES)), key=lambda pair: pair[1])


def same_language(one: str, other: str) -> bool:
    """Return whether two tags name the same language, whatever the country."""
    return spoken(one) == spoken(other)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Return the tags of languages by their names in English and in the language itself."""
    names = {name_of(tag).casefold(): tag for tag in (*COUNTRIES, *_ALONE)}
    own = {str(Locale.parse(tag).display_name).casefold(): tag for tag in _ALONE}
    return {**own, **names}
