"""JSON Schema of the library's files, from the models that read them: editors complete and explain.

Draft 2020-12, but only keywords that draft 7 has as well: the language server behind the YAML
extension of VS Code knew no newer one for years. Patterns mean the same to Python and to
ECMAScript. What no schema can say (links between files, sums, templates) is left to `check`.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sop.crosscheck import CHINESE
from sop.loader import KINDS
from sop.step import StepKind
from sop.times import Weekday, format_duration

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELINE = "# yaml-language-server: $schema="
"""Before the address of a file's schema: a comment above the file's first key."""
LARGEST = 999_999_999
"""`sop.syntax` takes an integer of more than nine digits for text."""

# To ECMAScript \w is ASCII only. Blanks and the punctuation of both languages are left out; what
# else is no letter (₿, emoji) is the loader's matter.
_NO_LETTER = r"\s!-,/:-@\[-^`{-~，。、；：！？（）《》“”‘’【】…—·"
_NAME = rf"[^.\-{_NO_LETTER}][^{_NO_LETTER}]*"
_PORTABLE = {
    r"^\w[\w.-]*$": f"^{_NAME}$",
    r"^\w[\w.-]*/\w[\w.-]*$": f"^{_NAME}/{_NAME}$",
}
_NAME_RULE = "只能用文字、数字、“-”“_”“.”，不能有空格，例如 tue-dice。"


def schemas() -> dict[str, JsonSchemaValue]:
    """The schema of each kind of file in a library, by the file's first key."""
    found = {kind: schema_of(model, f"群运：{CHINESE[kind]}") for kind, model in KINDS.items()}
    days = found["plan"]["properties"]["week"]
    days["properties"] = dict(_named_days(*days["patternProperties"].values()))
    return found


def schema_of(model: type[BaseModel], title: str) -> JsonSchemaValue:
    """The schema of a file that `model` reads."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Written)
    _say_what_to_write(schema)
    return {"$schema": DIALECT, "title": title, **schema}


def _named_days(steps: JsonSchemaValue) -> Iterator[tuple[str, JsonSchemaValue]]:
    """Of all spellings of a weekday the two that an editor offers."""
    for day in Weekday:
        yield day.name.lower(), {**steps, "description": day.chinese}
    for day in Weekday:
        yield day.chinese, {**steps, "description": day.name.lower()}


def _say_what_to_write(schema: Any) -> None:
    """Adds to every pattern what VS Code shows instead of it."""
    if isinstance(schema, dict):
        if schema.get("pattern") == f"^{_NAME}$":
            schema["patternErrorMessage"] = _NAME_RULE
        elif isinstance(schema.get("pattern"), str) and "examples" in schema:
            schema["patternErrorMessage"] = f"写法不对，例如 {schema['examples'][0]}。"
    for part in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(part, dict | list):
            _say_what_to_write(part)


class _Written(GenerateJsonSchema):
    """Schemas without what only programmers read: English titles, docstrings, empty defaults."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A step kind has a Chinese title; other models are explained where they are used."""
        json_schema = super().model_schema(schema)
        json_schema.pop("title", None)
        json_schema.pop("description", None)
        if issubclass(schema["cls"], StepKind):
            json_schema["title"] = schema["cls"].title
        return json_schema

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Titles that repeat the key help nobody."""
        return False

    def encode_default(self, dft: Any) -> Any:
        """Durations and times of day as they are written."""
        if isinstance(dft, timedelta):
            return format_duration(dft)
        if isinstance(dft, time):
            return f"{dft:%H:%M}"
        if isinstance(dft, list):
            return [self.encode_default(one) for one in dft]
        return super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Editors write defaults down: null or an empty list would be no help."""
        json_schema = super().default_schema(schema)
        if json_schema.get("default") in (None, "", [], {}):
            json_schema.pop("default", None)
        return json_schema

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """Within what is read as a number."""
        return {"minimum": -LARGEST, "maximum": LARGEST, **super().int_schema(schema)}

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """A pattern that means the same everywhere."""
        json_schema = super().str_schema(schema)
        if "pattern" in json_schema:
            pattern = json_schema["pattern"]
            json_schema["pattern"] = _PORTABLE.get(pattern, pattern)
        return json_schema

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """With a pattern for its keys, no other key is good."""
        json_schema = super().dict_schema(schema)
        if "patternProperties" in json_schema:
            json_schema["additionalProperties"] = False
        return json_schema
