"""Holds a crate that `lamarck export ro-crate` wrote against the specifications.

    pip install roc-validator==0.13.0 rocrate==0.14.0
    python tests/python/check_ro_crate.py CRATE

CRATE is a folder or a zip file. The validator checks RO-Crate 1.1 and the profile Process Run Crate 0.5. All that is
required must hold, and all that is recommended but for what is listed below with a reason.

The validator asks w3id.org for the JSON-LD context. Here the same context comes out of the package `rocrate`, which has a
copy of it, so that the check needs no network and does not depend on anybody's server.
"""

import email.message
import importlib.resources
import io
import sys
import urllib.response

import rdflib._networking
import requests
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "process-run-crate-0.5"
# Recommendations that are not followed, by words of their message.
ACCEPTED = {
    "SHOULD have an endTime": "a trace does not say when it was made, so that the same study gives the same bytes",
    "SHOULD have a url": "the plugins of a trace name no web site",
    "id SHOULD be an absolute URI": "the plugins of a trace name no web site",
    "`publisher` property": "who publishes a crate is known when it is published",
    "organizational": "the command line asks for no affiliation; an ORCID leads to it",
    "representing the `author`": "nobody is named when no --author is given",
    "SHOULD have an agent": "nobody is named when no --author is given",
}


def serve_context(text):
    """Answers requests for the context, from whichever library they come, and refuses all others."""

    def urlopen(request, *_args, **_kwargs):
        url = request if isinstance(request, str) else request.full_url
        if url != CONTEXT:
            raise OSError(f"no network in this check: {url}")
        headers = email.message.Message()
        headers["Content-Type"] = "application/ld+json"
        return urllib.response.addinfourl(io.BytesIO(text), headers, url, 200)

    def send(_adapter, request, **_kwargs):
        if request.url != CONTEXT:
            raise requests.ConnectionError(f"no network in this check: {request.url}")
        response = requests.Response()
        response.status_code = 200
        response.url = request.url
        response.request = request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = io.BytesIO(text)
        response._content = text
        return response

    rdflib._networking.urlopen = urlopen
    requests.adapters.HTTPAdapter.send = send


def main(crate):
    text = importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
    if CONTEXT.encode() not in text[:400]:
        sys.exit("this release of `rocrate` has the context of another version; install rocrate==0.14.0")
    serve_context(text)
    settings = ValidationSettings(
        rocrate_uri=crate,
        profile_identifier=PROFILE,
        requirement_severity=Severity.RECOMMENDED,
        skip_availability_check=True,
        no_cache=True,
    )
    result = services.validate(settings)
    wrong = 0
    for issue in result.get_issues():
        message = f"{issue.severity.name}: {issue.message}"
        reason = next((why for words, why in ACCEPTED.items() if words in issue.message), None)
        if issue.severity < Severity.REQUIRED and reason:
            print(f"accepted: {message} ({reason})")
        else:
            print(f"wrong: {message} [{issue.check.identifier}] {issue.violatingEntity}")
            wrong += 1
    if wrong:
        sys.exit(f"{crate}: {wrong} issues")
    print(f"{crate}: conforms to RO-Crate 1.1 and {PROFILE}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
