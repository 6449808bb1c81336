<?php
// Publishes to a channel. PHP 8, nothing to install.
//
//     php publish.php http://127.0.0.1:8000 news 'hello'

function publish(string $admin, string $channel, string $content): void {
    $request = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => http_build_query(['cname' => $channel, 'content' => $content]),
        'ignore_errors' => true,
        'timeout' => 5,
    ]]);
    $answer = @file_get_contents("$admin/push", false, $request);
    if ($answer === false || json_decode($answer)?->type !== 'ok') {
        throw new RuntimeException('not published: ' . ($answer ?: 'no answer'));
    }
}

publish($argv[1], $argv[2], $argv[3]);
