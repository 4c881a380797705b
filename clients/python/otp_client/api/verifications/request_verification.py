from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.verification import Verification
from ...models.verification_request import VerificationRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: VerificationRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Verification | None:
    if response.status_code == 201:
        response_201 = Verification.from_dict(response.json())

        return response_201

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
    *,
    client: AuthenticatedClient,
    body: VerificationRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | Verification]:
    """Send a code

     Sends a code to a phone and opens a verification. The `id` in the answer is the only name that the
    verification has. Anyone who knows it may try to check a code, so keep it where you would keep a
    session id.

    With an `Idempotency-Key` the request may be repeated. The same key with the same body returns the
    same verification in its present state, and sends no second SMS. Two spellings of one number or
    payment are the same body. While the result of the SMS is not known, a repeat gets `request-in-
    progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and there may have been
    no SMS.

    The service remembers a key for as long as a verification may live with its resends (ten minutes). A
    key belongs to the caller that used it: the API key, the IAM principal or role, or the Cognito
    client. With identity tokens it belongs to the user. After a `502`, or a refusal, it is free.

    Args:
        idempotency_key (str | Unset):
        body (VerificationRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Verification]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: VerificationRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | Verification | None:
    """Send a code

     Sends a code to a phone and opens a verification. The `id` in the answer is the only name that the
    verification has. Anyone who knows it may try to check a code, so keep it where you would keep a
    session id.

    With an `Idempotency-Key` the request may be repeated. The same key with the same body returns the
    same verification in its present state, and sends no second SMS. Two spellings of one number or
    payment are the same body. While the result of the SMS is not known, a repeat gets `request-in-
    progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and there may have been
    no SMS.

    The service remembers a key for as long as a verification may live with its resends (ten minutes). A
    key belongs to the caller that used it: the API key, the IAM principal or role, or the Cognito
    client. With identity tokens it belongs to the user. After a `502`, or a refusal, it is free.

    Args:
        idempotency_key (str | Unset):
        body (VerificationRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Verification
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: VerificationRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | Verification]:
    """Send a code

     Sends a code to a phone and opens a verification. The `id` in the answer is the only name that the
    verification has. Anyone who knows it may try to check a code, so keep it where you would keep a
    session id.

    With an `Idempotency-Key` the request may be repeated. The same key with the same body returns the
    same verification in its present state, and sends no second SMS. Two spellings of one number or
    payment are the same body. While the result of the SMS is not known, a repeat gets `request-in-
    progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and there may have been
    no SMS.

    The service remembers a key for as long as a verification may live with its resends (ten minutes). A
    key belongs to the caller that used it: the API key, the IAM principal or role, or the Cognito
    client. With identity tokens it belongs to the user. After a `502`, or a refusal, it is free.

    Args:
        idempotency_key (str | Unset):
        body (VerificationRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Verification]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: VerificationRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | Verification | None:
    """Send a code

     Sends a code to a phone and opens a verification. The `id` in the answer is the only name that the
    verification has. Anyone who knows it may try to check a code, so keep it where you would keep a
    session id.

    With an `Idempotency-Key` the request may be repeated. The same key with the same body returns the
    same verification in its present state, and sends no second SMS. Two spellings of one number or
    payment are the same body. While the result of the SMS is not known, a repeat gets `request-in-
    progress`, for 30 seconds at most. After that, `delivery` is `unconfirmed`, and there may have been
    no SMS.

    The service remembers a key for as long as a verification may live with its resends (ten minutes). A
    key belongs to the caller that used it: the API key, the IAM principal or role, or the Cognito
    client. With identity tokens it belongs to the user. After a `502`, or a refusal, it is free.

    Args:
        idempotency_key (str | Unset):
        body (VerificationRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Verification
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
