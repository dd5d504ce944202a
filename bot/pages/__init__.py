"""What the bot itself serves over HTTP: health here; the pages for people come with them."""
