program p
  integer(1) b, c
  integer(2) s
  do b = 120, 126, 2
  print *, b
end do
  print *, b
  do 10 b = 1, 2
  do 10 c = 2, 1, -1
  do 10 s = 1, 2
  10 print *, b, c, s
  print *, b, c, s
  do b = 1, 100
  if (b == 5) cycle
  if (b == 9) exit
end do
  print *, b
  do s = 32000, 32767, 300
  if (s > 32500) goto 99
end do
  99 print *, s
  call selects()
  call powers()
  call bits()
end program

subroutine powers()
  integer(1) :: u = 100, v = 3
  integer(2) :: s = 300, t = 7
  integer(8) :: k = 5000000000_8
  integer :: i = 70000
  print *, s**2, u**2, k**2, s**t, s**(-1), u**v, i**2_8, 2**s, s**2_2, (s+t)**2, 2.5**s, 2d0**v
end subroutine

subroutine bits()
  integer :: i = 15, j = 0, x(3) = (/1,2,3/), y(3) = 0, q(2,2) = 5
  integer(8) :: k(2) = (/ 2_8**40+7, 5_8 /), m(2) = 0
  call mvbits(i, 0, 3, j, 2); print *, j
  call mvbits(x, 0, 2, y, 4); print *, y
  call mvbits(x, 0, 2, y, x); print *, y
  call mvbits(7, 0, 2, q(:,2), 8); print *, q
  call mvbits(k, 38, 5, m, (/ 3, 9 /)); print *, m
  call mvbits(from=i, frompos=1, topos=8, len=2, to=j); print *, j
end subroutine

subroutine selects()
  integer i
  logical x
  character*3 c
  x = .true.
  if (.true.) then
   print *, 'first'
  else if (x) then
   print *, 'second'
end if
  do i = 1, 6
   select case (i)
   case default
    print *, 'def', i
    if (.true.) then
     print *, 'a'
    else if (x) then
     print *, 'b'
    end if
   case (2)
    print *, 'two'
    select case (i*2)
    case (4); print *, 'four'
    case default; print *, 'no'
    end select
   case (3:4)
    if (i == 3) cycle
    print *, '3-4'
   end select
   select case (i)
   case (1); print *, 1
   case default; print *, 'mid'
   case (5:); print *, 'big'
   end select
   select case (i)
   case default
   end select
   select case (i)
   end select
end do
  c = 'abc'
  select case (c)
  case ('b':'c'); print *, 'a-b'
  case ('abc'); print *, 'abc'
  case default; print *, 'other'
end select
  select case (x)
  case (.false.); print *, 'f'
  case (.true.); print *, 't'
end select
end subroutine
