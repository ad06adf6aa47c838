#!/usr/bin/perl
# An SMSC on the loopback by Net::SMPP (Debian's libnet-smpp-perl), for tests: a second reading of SMPP 3.4.
#
#   perl smsc.pl RECORD-FILE
#
# Prints {"port":PORT}. Takes one bind after the other, keeps every message as a line of JSON, answers with a hexadecimal
# message id and sends its receipt at once.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my ($record_file) = @ARGV;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34, interface_version => 0x34)
  or die "cannot listen\n";
print '{"port":', $listener->sockport, "}\n";
my $count = 0;

sub record {
  my ($line) = @_;
  open my $file, '>>', $record_file or die "cannot record\n";
  print $file JSON::PP->new->canonical->encode($line), "\n";
  close $file;
}

while (my $session = $listener->accept) {
  while (my $pdu = $session->read_pdu) {
    if ($pdu->{cmd} == Net::SMPP::CMD_bind_transceiver) {
      my $good = $pdu->{system_id} eq 'test-id' && $pdu->{password} eq 'test-pw';
      $session->bind_transceiver_resp(seq => $pdu->{seq}, status => $good ? 0 : 0x0D, system_id => 'perl');
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_submit_sm) {
      my $id = sprintf '%08X', 0xABC000 + ++$count;
      record({ provider => 'smpp', provider_id => $id, to => $pdu->{destination_addr}, from => $pdu->{source_addr},
               text => unpack('H*', $pdu->{short_message}), data_coding => $pdu->{data_coding} });
      $session->submit_sm_resp(seq => $pdu->{seq}, status => 0, message_id => $id);
      $session->deliver_sm(source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => 4,
        short_message => "id:$id sub:001 dlvrd:001 submit date:2611270000 done date:2611270001 stat:DELIVRD err:000 text:", async => 1);
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) {
      $session->enquire_link_resp(seq => $pdu->{seq}, status => 0);
    } elsif ($pdu->{cmd} == Net::SMPP::CMD_unbind) {
      $session->unbind_resp(seq => $pdu->{seq}, status => 0);
      last;
    }
  }
  close $session;
}
