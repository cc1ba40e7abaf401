"""A caller made of nothing but what openapi-generator (python) wrote: create, open the link, poll."""
import os, sys, time, uuid
import openapi_client
from openapi_client.api.applications_api import ApplicationsApi
from openapi_client.exceptions import NotFoundException

configuration = openapi_client.Configuration(
    host=os.environ["JITSUIN_URL"], access_token=os.environ["JITSUIN_API_KEY"]
)
with openapi_client.ApiClient(configuration) as client:
    api = ApplicationsApi(client)
    document = open(sys.argv[1], "rb").read()
    application = api.create_application(str(uuid.uuid4()), document, external_id="python-1")
    print("open in a browser:", application.sign_url, flush=True)
    while application.state not in ("decided", "failed", "refused", "expired", "cancelled"):
        time.sleep(0.05)
        application = api.read_application(application.id)
    print(application.state, application.verdict.indication, application.external_id)
    try:
        api.read_application(uuid.uuid4())
    except NotFoundException as refused:
        print("refused:", refused.data.code)
