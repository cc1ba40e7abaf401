"""Hands in a document at a private relying party (sp) and waits for its verdict.

    JITSUIN_URL=http://localhost:8081 JITSUIN_API_KEY=... python3 samples/python/sign.py FILE.xml
"""
import os
import sys
import time

from jitsuin_api import Client
from jitsuin_transport import Problem

ENDS = {"decided", "refused", "failed", "restart-needed", "expired", "cancelled"}

client = Client(os.environ.get("JITSUIN_URL", "http://localhost:8081"), os.environ["JITSUIN_API_KEY"])
with open(sys.argv[1], "rb") as file:
    document = file.read()
try:
    application = client.create_application(document, profile="guideline")
except Problem as refusal:
    sys.exit(f"refused: {refusal.code}: {refusal.detail}")

print(f"署名対象識別コード {application['identification_code']}", flush=True)
print(f"open in a browser: {application['sign_url']}", flush=True)
while application["state"] not in ENDS:
    # the answer is held back until the end; the pause is for a server that has no place for who waits
    time.sleep(float(os.environ.get("POLL_SECONDS", "0.5")))
    application = client.read_application(application["id"], wait=20)

print(application["state"], application.get("verdict", {}).get("indication", ""))
if application["state"] != "decided":
    sys.exit(1)
print(client.read_receipt(application["id"])["receipt"])
