! flags: -fallow-invalid-boz
! Constants of bits where they become an INTEGER.
program boz
  integer, parameter :: p = z'F0'
  integer :: i = o'17', k
  integer*8 :: m, n = z'FFFFFFFF'
  integer*2 j
  integer*1 l
  data k, m, j, l /b'101', z'FFFFFFFFFF', z'FFFF', z'80'/
  print *, p, i, k, m, n, j, l
  i = z'FF'
  if (i == z'FF') print *, i
  i = x'1F'
  print *, i
  i = z'FFFFFFFF'
  m = z'FFFFFFFF'
  j = z'8000'
  print *, i, m, j
  if (m == z'FFFFFFFF') print *, 'same'
end program
