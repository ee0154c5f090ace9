"""Edge to central and back: the feed pulled, the outbox pushed, heads countersigned. Away is normal."""

from gate.sync.feed import FeedPuller
from gate.sync.heads import HeadPusher
from gate.sync.outbox import OutboxPusher

__all__ = ["FeedPuller", "HeadPusher", "OutboxPusher"]
