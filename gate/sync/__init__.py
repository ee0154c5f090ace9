"""Edge to central and back: the feed pulled, the outbox pushed. Away is normal."""

from gate.sync.feed import FeedPuller
from gate.sync.outbox import OutboxPusher

__all__ = ["FeedPuller", "OutboxPusher"]
