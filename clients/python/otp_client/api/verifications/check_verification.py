from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.approved import Approved
from ...models.check_request import CheckRequest
from ...models.problem import Problem
from ...models.still_pending import StillPending
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: CheckRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications/{id}/check".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Approved | StillPending | Problem | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> Approved | StillPending:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_check_result_type_0 = Approved.from_dict(data)

                return componentsschemas_check_result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            componentsschemas_check_result_type_1 = StillPending.from_dict(data)

            return componentsschemas_check_result_type_1

        response_200 = _parse_response_200(response.json())

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

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Approved | StillPending | Problem]:
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
    body: CheckRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Approved | StillPending | Problem]:
    r"""Check a code

     Judges one guess. A wrong code is an answer and not an error: `200` with `\"status\": \"pending\"`.

    With an `Idempotency-Key` a check may be repeated after a lost answer. The same key with the same
    code returns the first answer again, proof included, and uses no further attempt. Once the proof has
    expired the answer is `code-already-used`. Use a fresh key for every guess.

    A code that a resend replaced uses no attempt, and the answer has a `hint`. Ask the person for the
    newest message. Such a check stores nothing, so a repeat with its key is judged anew.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (CheckRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Approved | StillPending | Problem]
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
    body: CheckRequest,
    idempotency_key: str | Unset = UNSET,
) -> Approved | StillPending | Problem | None:
    r"""Check a code

     Judges one guess. A wrong code is an answer and not an error: `200` with `\"status\": \"pending\"`.

    With an `Idempotency-Key` a check may be repeated after a lost answer. The same key with the same
    code returns the first answer again, proof included, and uses no further attempt. Once the proof has
    expired the answer is `code-already-used`. Use a fresh key for every guess.

    A code that a resend replaced uses no attempt, and the answer has a `hint`. Ask the person for the
    newest message. Such a check stores nothing, so a repeat with its key is judged anew.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (CheckRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Approved | StillPending | Problem
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
    body: CheckRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Approved | StillPending | Problem]:
    r"""Check a code

     Judges one guess. A wrong code is an answer and not an error: `200` with `\"status\": \"pending\"`.

    With an `Idempotency-Key` a check may be repeated after a lost answer. The same key with the same
    code returns the first answer again, proof included, and uses no further attempt. Once the proof has
    expired the answer is `code-already-used`. Use a fresh key for every guess.

    A code that a resend replaced uses no attempt, and the answer has a `hint`. Ask the person for the
    newest message. Such a check stores nothing, so a repeat with its key is judged anew.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (CheckRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Approved | StillPending | Problem]
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
    body: CheckRequest,
    idempotency_key: str | Unset = UNSET,
) -> Approved | StillPending | Problem | None:
    r"""Check a code

     Judges one guess. A wrong code is an answer and not an error: `200` with `\"status\": \"pending\"`.

    With an `Idempotency-Key` a check may be repeated after a lost answer. The same key with the same
    code returns the first answer again, proof included, and uses no further attempt. Once the proof has
    expired the answer is `code-already-used`. Use a fresh key for every guess.

    A code that a resend replaced uses no attempt, and the answer has a `hint`. Ask the person for the
    newest message. Such a check stores nothing, so a repeat with its key is judged anew.

    Args:
        id (str):
        idempotency_key (str | Unset):
        body (CheckRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Approved | StillPending | Problem
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
