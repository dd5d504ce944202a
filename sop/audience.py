"""Whom a plan or a campaign is for."""

from pydantic import Field

from sop.community import Community
from sop.model import Strict


class AppliesTo(Strict):
    """Communities chosen by their labels."""

    labels: list[str] = Field(min_length=1, description="社群须带有这里的全部标签")

    def includes(self, community: Community) -> bool:
        """All labels must be there."""
        return community.labels.issuperset(self.labels)
