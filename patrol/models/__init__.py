"""What is watched, what was looked at, what was found, and what a person decided on it."""

from patrol.models.candidates import BrandAnswer, Candidate, CandidateDecision
from patrol.models.leads import Lead
from patrol.models.links import LinkedShop
from patrol.models.prices import MarketPrice
from patrol.models.profiles import AuthorisedShop, OfficialImage, WatchProfile, WatchTerm
from patrol.models.rechecks import Recheck
from patrol.models.risk import RiskModel
from patrol.models.sampling import Custody, Sample, SampledListing, TestBuy, TestBuyFile
from patrol.models.scans import Inspection, Precheck, Scan, ScanBatch, ScanPace

__all__ = [
    "AuthorisedShop", "BrandAnswer", "Candidate", "CandidateDecision", "Custody", "Inspection", "Lead", "LinkedShop",
    "MarketPrice", "OfficialImage", "Precheck", "Recheck", "RiskModel", "Sample", "SampledListing", "Scan", "ScanBatch", "ScanPace", "TestBuy", "TestBuyFile", "WatchProfile",
    "WatchTerm",
]  # fmt: skip
