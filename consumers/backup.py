"""backup: keeps every event in S3, for good, without what is personal.

A batch is put as one object per hour. If the same batch comes again, it overwrites its objects. If its messages come
again in other batches, some lines are there twice; queries keep one line per event_id
(`infrastructure.resources.backup`).
"""

from collections.abc import Sequence
from functools import cached_property

from consumers.decisions.backup_lines import BUCKET, FOLDER, HASH_KEY, BackupObject, objects, pseudonyms
from consumers.declaration import Consumer
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from edges.connect import Edges
from edges.grants import Grant, parameter, secret
from schemas.envelope import EventData
from schemas.personal import Pseudonym

ACCOUNT = "?" * 12
"""The bucket's name ends with the account's id."""

CONSUMER = Consumer(
    name="backup",
    hears=(EventData,),
    where={"metadata": {"test": [{"exists": False}]}},
    hears_replays=False,
    batch_size=500,
    window=60,  # fewer and larger objects; the key and the requests cost more than the bytes
    objective=6 * 3600,  # nobody waits for it; the queue keeps what is behind for four days
    concurrency=2,
    timeout=60,
    touches=(
        Grant("s3", ("PutObject",), f"orderwire-{{stage}}-backup-{ACCOUNT}/{FOLDER}*"),
        parameter(BUCKET),
        secret(HASH_KEY),
    ),
)


class BackupConsumer:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    @cached_property
    def _bucket(self) -> str:
        return self._edges.parameter(BUCKET)

    @cached_property
    def _pseudonym(self) -> Pseudonym:
        return pseudonyms(self._edges.secret(HASH_KEY))

    def handle_together(self, deliveries: Sequence[Delivery]) -> Sequence[Exception | None]:
        """Puts what is to be kept: neither replays nor smoke orders, which the rule keeps out as well."""
        kept = [each.event for each in deliveries if not (each.replayed or each.event.metadata.test)]
        failed: dict[str, Exception] = {}
        for each in objects(kept, self._pseudonym):
            try:
                self._put(each)
            except Exception as error:  # the other hours' objects are put; the runner retries these records
                failed |= dict.fromkeys(each.event_ids, error)
        return [failed.get(each.event.event_id) for each in deliveries]

    def _put(self, backup: BackupObject) -> None:
        """Encrypted under the stage's key, which the bucket has as its default."""
        self._edges.clients.s3.put_object(
            Bucket=self._bucket, Key=backup.key, Body=backup.content, ContentType="application/gzip"
        )


on_records = LambdaEntry(CONSUMER, BackupConsumer)
