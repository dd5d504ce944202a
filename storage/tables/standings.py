"""Corp tags, standings."""
