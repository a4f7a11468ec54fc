#!/usr/bin/perl
# imports.pl FILE: "module name" of each function that a WebAssembly module imports.
use strict;
use warnings;

local $/;
open my $in, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
my $bytes = <$in>;
my $at = 8;    # after magic and version

sub number {
	my ($value, $shift, $byte) = (0, 0);
	do {
		$byte = ord substr $bytes, $at++, 1;
		$value |= ($byte & 0x7f) << $shift;
		$shift += 7;
	} while $byte & 0x80;
	return $value;
}

sub name {
	my $length = number();
	my $text = substr $bytes, $at, $length;
	$at += $length;
	return $text;
}

sub limits { my $flags = number(); number(); number() if $flags & 1 }

die "$ARGV[0]: not a WebAssembly module\n" unless substr($bytes, 0, 4) eq "\0asm";
while ($at < length $bytes) {
	my $id = number();
	my $size = number();
	if ($id != 2) { $at += $size; next }
	for (1 .. number()) {
		my ($module, $field, $kind) = (name(), name(), number());
		if ($kind == 0) { number(); print "$module $field\n" }
		elsif ($kind == 1) { number(); limits() }
		elsif ($kind == 2) { limits() }
		else { number(); number() }
	}
	last;
}
