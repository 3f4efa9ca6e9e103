"""Records: read from files, workbooks and databases, mapped to canonical tables, checked, fingerprinted, written."""

from riskscore.records.check import check_records
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records, RecordTable
from riskscore.records.problems import CheckReport, RecordProblem
from riskscore.records.read import read_records
from riskscore.records.rejects import write_rejected
from riskscore.records.suggest import suggest_mapping
from riskscore.records.write import write_records

__all__ = [
    "CheckReport",
    "RecordProblem",
    "RecordTable",
    "Records",
    "check_records",
    "fingerprint",
    "read_records",
    "suggest_mapping",
    "write_records",
    "write_rejected",
]
