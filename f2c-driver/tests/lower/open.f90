subroutine log_it(n)
  open (7, file='log', action='write', position='append')
  open (8, file='data', status='old', position='rewind')
  if (n > 3) stop 'too many'
  if (n < 0) stop n
  if (n == 2) error stop 4
  if (n == 1) error stop
  stop 3
end
