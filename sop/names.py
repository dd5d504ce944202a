"""Names by which YAML files refer to each other and to steps."""

from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=64)]
"""An identifier: letters, digits, `-`, `_`, `.`; no blanks, no slashes."""
StepName = Annotated[str, Field(pattern=r"^\w[\w.-]*/\w[\w.-]*$", max_length=129)]
"""`plan/step`."""
