from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.resend_request import ResendRequest
from ...models.verification import Verification
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: ResendRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications/{id}/resend".format(
            id=quote(str(id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Verification | None:
    if response.status_code == 200:
        response_200 = Verification.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 410:
        response_410 = Problem.from_dict(response.json())

        return response_410

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 502:
        response_502 = Problem.from_dict(response.json())

        return response_502

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | Verification]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    body: ResendRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | Verification]:
    """Send a fresh code

     Sends a new code for a verification that is still open, over the next SMS route of the settings. The
    code before is worth nothing from then on: a check of it gets a hint. Attempts that were used stay
    used. The code lives as long as a first one, but never beyond the longest life of the verification.
    In the last 30 seconds of that life the answer is `code-expired`. Resends and new requests share all
    limits. A resend counts for the IP and the caller that asked for the verification.

    With an `Idempotency-Key` the resend may be repeated. The same key sends nothing, and returns the
    verification in its present state, closed or not. While the result of the SMS is not known, a repeat
    gets `request-in-progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and
    there may have been no SMS. After a `502`, or a refusal, the key is free. A key belongs to the
    caller that used it, and to this verification. The same key with another channel is the same resend.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (ResendRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Verification]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient,
    body: ResendRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Problem | Verification | None:
    """Send a fresh code

     Sends a new code for a verification that is still open, over the next SMS route of the settings. The
    code before is worth nothing from then on: a check of it gets a hint. Attempts that were used stay
    used. The code lives as long as a first one, but never beyond the longest life of the verification.
    In the last 30 seconds of that life the answer is `code-expired`. Resends and new requests share all
    limits. A resend counts for the IP and the caller that asked for the verification.

    With an `Idempotency-Key` the resend may be repeated. The same key sends nothing, and returns the
    verification in its present state, closed or not. While the result of the SMS is not known, a repeat
    gets `request-in-progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and
    there may have been no SMS. After a `502`, or a refusal, the key is free. A key belongs to the
    caller that used it, and to this verification. The same key with another channel is the same resend.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (ResendRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Verification
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    body: ResendRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | Verification]:
    """Send a fresh code

     Sends a new code for a verification that is still open, over the next SMS route of the settings. The
    code before is worth nothing from then on: a check of it gets a hint. Attempts that were used stay
    used. The code lives as long as a first one, but never beyond the longest life of the verification.
    In the last 30 seconds of that life the answer is `code-expired`. Resends and new requests share all
    limits. A resend counts for the IP and the caller that asked for the verification.

    With an `Idempotency-Key` the resend may be repeated. The same key sends nothing, and returns the
    verification in its present state, closed or not. While the result of the SMS is not known, a repeat
    gets `request-in-progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and
    there may have been no SMS. After a `502`, or a refusal, the key is free. A key belongs to the
    caller that used it, and to this verification. The same key with another channel is the same resend.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (ResendRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Verification]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient,
    body: ResendRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Problem | Verification | None:
    """Send a fresh code

     Sends a new code for a verification that is still open, over the next SMS route of the settings. The
    code before is worth nothing from then on: a check of it gets a hint. Attempts that were used stay
    used. The code lives as long as a first one, but never beyond the longest life of the verification.
    In the last 30 seconds of that life the answer is `code-expired`. Resends and new requests share all
    limits. A resend counts for the IP and the caller that asked for the verification.

    With an `Idempotency-Key` the resend may be repeated. The same key sends nothing, and returns the
    verification in its present state, closed or not. While the result of the SMS is not known, a repeat
    gets `request-in-progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and
    there may have been no SMS. After a `502`, or a refusal, the key is free. A key belongs to the
    caller that used it, and to this verification. The same key with another channel is the same resend.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (ResendRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Verification
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
